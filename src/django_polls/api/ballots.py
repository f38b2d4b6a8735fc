"""A body as a ballot of a poll's method, and a vote as an answer: what the vote endpoint reads and writes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from django_polls.api.errors import InvalidVote
from django_polls.api.fields import NOT_A_TEXT_VALUE, NOT_EXPECTED, ONE_VALUE, REQUIRED, integer_in, moment_text
from django_polls.api.parsers import MAX_DIGITS, Body
from django_polls.conf import voting_methods
from django_polls.methods.ballots import Ballot, Mark, Word
from django_polls.methods.rankings import ballot_of, ranking_in
from django_polls.models import Poll, Vote

REVISION, REASON = "revision", "reason"
NOT_AN_INTEGER = _("An option's id is an integer.")
NOT_A_LIST = _("Give a list of options' ids.")
NOT_A_RANKING = _("Give a list of places, best first: an option's id, or a list of them that share the place.")
NOT_SCORES = _('Give a list of scores, each as {"option_id": 1, "score": 5}.')
NOT_TRUE = _("Give true, or leave it out.")

_LISTS = frozenset({"ranking", "scores"})
WORDS = {"abstain": Word.ABSTAIN, "none_of_these": Word.NONE_OF_THESE}


@dataclass(frozen=True, slots=True)
class VoteRequest:
    """What a voter asks for: a ballot, a reason if there is one, and, if they say which, the revision that they saw."""

    ballot: Ballot
    revision: int | None
    reason: str


def vote_request(body: Body, poll: Poll) -> VoteRequest:
    """Return the ballot that a body expresses by exactly one of the fields of the poll's method. Raises InvalidVote."""
    expected = [name for name in poll.voting_method.fields if name in _READERS]
    if unexpected := body.fields.keys() - {*expected, *WORDS, REVISION, REASON}:
        raise InvalidVote({name: [NOT_EXPECTED] for name in sorted(unexpected)})
    given = [name for name in (*expected, *WORDS) if name in body.fields]
    if len(given) != 1:
        raise InvalidVote({name: [REQUIRED] for name in expected})
    return VoteRequest(_READERS[given[0]](body, given[0]), _revision(body), _reason(body))


def _revision(body: Body) -> int | None:
    return _integer(body, REVISION) if REVISION in body.fields else None


def _reason(body: Body) -> str:
    value = _single(body, REASON) if REASON in body.fields else ""
    if not isinstance(value, str):
        raise InvalidVote({REASON: [NOT_A_TEXT_VALUE]})
    return value


def _single(body: Body, name: str) -> object:
    """Return the value of a field that has one; a form repeats a field that has several."""
    value = body.fields[name]
    if not body.is_form:
        return value
    if len(value) != 1:
        raise InvalidVote({name: [ONE_VALUE]})
    return value[0]


def _integer(body: Body, name: str) -> int:
    integer = integer_in(_single(body, name), is_form=body.is_form)
    if integer is None:
        raise InvalidVote({name: [NOT_AN_INTEGER]})
    return integer


def _list(body: Body, name: str, message: object) -> list[Any]:
    values = body.fields[name]
    if not isinstance(values, list):
        raise InvalidVote({name: [message]})
    return values


def _option_id(body: Body, name: str) -> Ballot:
    return Ballot.of(_integer(body, name))


def _option_ids(body: Body, name: str) -> Ballot:
    ids = [integer_in(value, is_form=body.is_form) for value in _list(body, name, NOT_A_LIST)]
    option_ids = [option_id for option_id in ids if option_id is not None]
    if len(option_ids) < len(ids):
        raise InvalidVote({name: [NOT_AN_INTEGER]})
    return Ballot.of(*option_ids)


def _ranking(body: Body, name: str) -> Ballot:
    places = [_place(value, is_form=body.is_form) for value in _list(body, name, NOT_A_RANKING)]
    if not all(places):
        raise InvalidVote({name: [NOT_A_RANKING]})
    return ballot_of(places)


def _place(value: object, *, is_form: bool) -> list[int]:
    """Return the options that share a place, none where it cannot be read. A form puts commas between their ids."""
    shared = value.split(",") if is_form and isinstance(value, str) else value
    ids = [integer_in(each, is_form=is_form) for each in (shared if isinstance(shared, list) else [shared])]
    option_ids = [option_id for option_id in ids if option_id is not None]
    return option_ids if len(option_ids) == len(ids) else []


def _scores(body: Body, name: str) -> Ballot:
    read = _score_of_form if body.is_form else _score
    marks = [read(value) for value in _list(body, name, NOT_SCORES)]
    known = tuple(mark for mark in marks if mark is not None)
    if len(known) < len(marks):
        raise InvalidVote({name: [NOT_SCORES]})
    return Ballot(known)


def _score(value: object) -> Mark | None:
    if not isinstance(value, dict) or value.keys() != {"option_id", "score"}:
        return None
    option_id, score = (integer_in(value[key], is_form=False) for key in ("option_id", "score"))
    return None if option_id is None or score is None else Mark(option_id, score=Decimal(score))


def _score_of_form(value: str) -> Mark | None:
    """Return the mark that `12:5` means, or `12:-1`."""
    option, _colon, score = value.partition(":")
    option_id, size = (integer_in(digits, is_form=True) for digits in (option, score.removeprefix("-")))
    if option_id is None or size is None or len(score) > MAX_DIGITS:
        return None
    return Mark(option_id, score=Decimal(-size if score.startswith("-") and size else size))


def _word(body: Body, name: str) -> Ballot:
    value = _single(body, name)
    # An equal one is not enough: `1` and `1.0` are equal to true.
    if not (value == "true" if body.is_form else value is True):
        raise InvalidVote({name: [NOT_TRUE]})
    return Ballot(word=WORDS[name])


# How each field of a method is read.
_READERS: Mapping[str, Callable[[Body, str], Ballot]] = {
    "option_id": _option_id,
    "option_ids": _option_ids,
    "ranking": _ranking,
    "scores": _scores,
    "abstain": _word,
    "none_of_these": _word,
}


def vote_answer(poll: Poll, vote: Vote | None, ballot: Ballot | None = None, reason: str = "") -> Mapping[str, object]:
    """Return a vote as the API shows it to its voter; the ballot is read from the vote where it is not given."""
    if vote is None:
        return {"has_voted": False, "option_ids": None, "cast_at": None}
    if ballot is None and vote.ballot is not None:
        ballot = Ballot.from_body(vote.ballot.body)
    also = _also(ballot, poll) if ballot else {}
    return {
        "has_voted": True,
        "option_ids": None if also or ballot is None else sorted(mark.option_id for mark in ballot.marks),
        "cast_at": vote.cast_at and moment_text(vote.cast_at),
        **also,
        **({REASON: reason} if reason else {}),
    }


def _also(ballot: Ballot, poll: Poll) -> Mapping[str, object]:
    """Return what a ballot says that is more than which options it marks, in the words in which it was sent."""
    if ballot.word:
        return {name: True for name, word in WORDS.items() if word is ballot.word}
    if not ballot.marks:
        return dict.fromkeys(_LISTS & _fields_of(poll), ())
    if any(mark.rank is not None for mark in ballot.marks):
        return {"ranking": ranking_in(ballot.body)}
    scores = sorted((mark.option_id, int(mark.score)) for mark in ballot.marks if mark.score is not None)
    return {"scores": [{"option_id": option_id, "score": score} for option_id, score in scores]} if scores else {}


def _fields_of(poll: Poll) -> frozenset[str]:
    """Return the fields of the poll's method, none where the site has it no longer: votes are shown all the same."""
    method = voting_methods().get(poll.method)
    return frozenset(method.fields if method else ())
