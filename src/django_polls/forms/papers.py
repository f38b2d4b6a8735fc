"""A poll's voting paper as an HTML form: what it offers, what was marked on it, and what is wrong with that.

It reads and shows; whether a ballot is valid is for the verbs to say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from django_polls.display.polls import ShownPoll
from django_polls.exceptions import (
    InvalidBallot,
    PollError,
    ReasonInvalid,
    ReasonRequired,
    ReasonTooLong,
    TooFewOptions,
)
from django_polls.methods.ballots import Ballot, Mark, Word
from django_polls.models import Poll, PollOption
from django_polls.models.counting import REASON_LENGTH, Reasons

# More than any id, rank or score has.
MAX_DIGITS = 19
# Scores are offered as a row of choices up to so many of them, and as a number to type beyond.
MOST_CHOICES = 11

REVISION, REASON, WORD, OPTION = "revision", "reason", "word", "option"
REASON_ERRORS = (ReasonRequired, ReasonTooLong, ReasonInvalid)


class UnreadableBallot(InvalidBallot):
    """What was sent is not a ballot of this form: a field has no number where one is expected."""


@dataclass(frozen=True, slots=True)
class Line:
    """One option on the paper, with what is marked there: chosen, or the place or score as text."""

    option: PollOption
    name: str
    is_chosen: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True)
class WordLine:
    """What can be said instead of marking options."""

    word: Word
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A paper as it was filled in: chosen options, numbers by option, words, and a reason, all as they were sent."""

    chosen: frozenset[str] = frozenset()
    numbers: Mapping[str, str] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    reason: str = ""
    revision: str = ""


class Paper:
    """The voting paper of a poll for one viewer.

    `kind` is the member of a request that such ballots come in, and names the template: `option_id`, `option_ids`,
    `ranking` or `scores`. `error` is what the page says of a paper that was refused.
    """

    def __init__(self, shown: ShownPoll, filled: Filled | None = None, refusal: PollError | None = None) -> None:
        self.shown = shown
        self.poll: Poll = shown.poll
        self.filled = _filled_from(shown) if filled is None else filled
        self.refusal = refusal

    @property
    def kind(self) -> str:
        """The member of a request in which such ballots come."""
        return kind_of(self.poll)

    @property
    def templates(self) -> list[str]:
        """The templates that may show the options, the most particular one first."""
        return [f"django_polls/papers/{name}.html" for name in (self.poll.method, self.kind)]

    @property
    def revision(self) -> int:
        """The poll's revision, by which a ballot tells of which definition it is."""
        return self.poll.revision

    @cached_property
    def lines(self) -> Sequence[Line]:
        """The options in the viewer's order."""
        return [self._line(option) for option in self.shown.options]

    def _line(self, option: PollOption) -> Line:
        key = str(option.pk)
        if self.kind in NUMBERED:
            return Line(option, f"{self.kind}_{key}", value=self.filled.numbers.get(key, ""))
        return Line(option, OPTION, is_chosen=key in self.filled.chosen)

    @property
    def words(self) -> Sequence[WordLine]:
        """What can be said instead, last on the paper in whatever order the options are."""
        offered = {
            Word.NONE_OF_THESE: (self.poll.allows_none_of_these, _("None of these")),
            Word.ABSTAIN: (self.poll.allows_abstention, _("I abstain")),
        }
        return [
            WordLine(word, text, word in self.filled.words)
            for word, (is_allowed, text) in offered.items()
            if is_allowed
        ]

    @property
    def places(self) -> Sequence[int]:
        """The places that a ranking has."""
        return range(1, (self.poll.max_ranks or len(self.lines)) + 1)

    @property
    def scores(self) -> Sequence[tuple[int, str]]:
        """The scores to choose from with their words, the lowest first; none where they are typed."""
        poll = self.poll
        if poll.max_score - poll.min_score >= MOST_CHOICES:
            return []
        words = poll.grade_words
        return [(score, words.get(score, str(score))) for score in range(poll.min_score, poll.max_score + 1)]

    @property
    def most_points(self) -> int | None:
        """The most points that one option may get."""
        return self.poll.max_points or self.poll.points

    @property
    def takes_reason(self) -> bool:
        """Whether the poll asks why."""
        return self.poll.reasons != Reasons.OFF

    @property
    def reason_length(self) -> int:
        """The most characters of a reason."""
        return REASON_LENGTH

    @property
    def advice(self) -> str:
        """How to fill in the paper, in a sentence."""
        advise = _of_dots if self.poll.method == "dots" else _ADVICE.get(self.kind)
        return advise(self.poll) if advise else ""

    @property
    def reason_error(self) -> str:
        """What is wrong with the reason."""
        return str(self.refusal) if isinstance(self.refusal, REASON_ERRORS) else ""

    @property
    def error(self) -> str:
        """What is wrong with the marks, or why the paper was refused whatever is on it."""
        if self.refusal is None or self.reason_error:
            return ""
        nothing_chosen = isinstance(self.refusal, TooFewOptions) and self.kind == "option_id"
        return _("Choose one of these.") if nothing_chosen else str(self.refusal)


def kind_of(poll: Poll) -> str:
    """Return in which member of a request the ballots of a poll come: of those that there are forms for, or choices.

    Raises MethodUnavailable.
    """
    return next((name for name in poll.voting_method.fields if name in _READERS), "option_ids")


def _filled_from(shown: ShownPoll) -> Filled:
    """Return the paper as the viewer filled it in for the vote that stands."""
    ballot = shown.ballot
    if ballot is None:
        return Filled()
    numbers = {
        str(mark.option_id): str(mark.rank if mark.score is None else int(mark.score))
        for mark in ballot.marks
        if mark.rank is not None or mark.score is not None
    }
    chosen = frozenset(str(mark.option_id) for mark in ballot.marks)
    return Filled(chosen, numbers, frozenset({ballot.word} if ballot.word else ()), shown.reason)


def filled_in(data: QueryDict, poll: Poll) -> Filled:
    """Return the paper that a browser sends, as it stands on it."""
    prefix, chosen = f"{kind_of(poll)}_", frozenset(data.getlist(OPTION))
    # Among options of which one is chosen, what can be said instead is one more.
    said = chosen & frozenset(Word)
    return Filled(
        chosen=chosen - said,
        numbers={name.removeprefix(prefix): str(data[name]) for name in data if name.startswith(prefix)},
        words=(said | frozenset(data.getlist(WORD))) - {""},
        reason=str(data.get(REASON, "")).replace("\r\n", "\n"),
        revision=str(data.get(REVISION, "")),
    )


def ballot_on(filled: Filled, poll: Poll) -> Ballot:
    """Return the ballot that a filled-in paper is. Raises UnreadableBallot."""
    marked = Ballot(tuple(_READERS[kind_of(poll)](filled)))
    if not filled.words:
        return marked
    if marked.marks or len(filled.words) > 1:
        raise MarksBesideWord
    (word,) = filled.words
    try:
        return Ballot(word=Word(word))
    except ValueError:
        raise UnreadableBallot from None


def revision_on(filled: Filled) -> int:
    """Return the revision of the poll that the paper was made for. Raises UnreadableBallot."""
    return _number(filled.revision)


class MarksBesideWord(InvalidBallot):
    message = gettext_lazy("Mark options, or say one thing instead: not both.")


def _number(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS):
        raise UnreadableBallot
    return int(text)


def _chosen(filled: Filled) -> list[Mark]:
    return [Mark(_number(option)) for option in sorted(filled.chosen)]


def _ranked(filled: Filled) -> list[Mark]:
    return [Mark(_number(option), rank=_number(rank)) for option, rank in filled.numbers.items() if rank.strip()]


def _scored(filled: Filled) -> list[Mark]:
    return [
        Mark(_number(option), score=Decimal(_number(score.strip())))
        for option, score in filled.numbers.items()
        if score.strip()
    ]


_READERS: Mapping[str, Callable[[Filled], list[Mark]]] = {
    "option_id": _chosen,
    "option_ids": _chosen,
    "ranking": _ranked,
    "scores": _scored,
}
# Where every option has a field of its own.
NUMBERED = frozenset({"ranking", "scores"})


def _of_one(_poll: Poll) -> str:
    return _("Choose one.")


def _of_several(poll: Poll) -> str:
    least, most = poll.min_options, poll.max_options
    if most is None:
        return _("Choose at least %(least)d.") % {"least": least} if least > 1 else _("Choose as many as you like.")
    if least == most:
        return _("Choose exactly %(most)d.") % {"most": most}
    if least < 1:
        return _("Choose up to %(most)d.") % {"most": most}
    return _("Choose %(least)d to %(most)d.") % {"least": least, "most": most}


def _of_places(poll: Poll) -> str:
    if poll.equal_ranks:
        return _("Give your favourite place 1, and so on. Options may share a place, and may go without one.")
    return _("Give your favourite place 1, the next one place 2, and so on. You may leave options without a place.")


def _of_scores(poll: Poll) -> str:
    words = poll.grade_words
    worst, best = words.get(poll.min_score, poll.min_score), words.get(poll.max_score, poll.max_score)
    return _("Score each option, from %(worst)s (worst) to %(best)s (best).") % {"worst": worst, "best": best}


def _of_dots(poll: Poll) -> str:
    points = poll.points or 0
    if poll.must_spend_all:
        sentence = ngettext("Give %(points)d point.", "Give all of your %(points)d points.", points)
    else:
        sentence = ngettext("You have %(points)d point to give.", "You have %(points)d points to give.", points)
    return sentence % {"points": points}


_ADVICE: Mapping[str, Callable[[Poll], str]] = {
    "option_id": _of_one,
    "option_ids": _of_several,
    "ranking": _of_places,
    "scores": _of_scores,
}
