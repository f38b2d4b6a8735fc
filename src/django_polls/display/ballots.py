"""A voter's own ballot, as it is shown to them."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from django_polls.methods.ballots import Ballot, Mark, Word
from django_polls.models import Poll, Vote


def ballot_in(vote: Vote | None) -> Ballot | None:
    """Return the ballot of a vote; None without a vote, or where the poll keeps the two apart."""
    return None if vote is None or vote.ballot is None else Ballot.from_body(vote.ballot.body)


def own_marks(ballot: Ballot | None, poll: Poll) -> Mapping[int, str]:
    """Return what to write beside each option that a voter's own ballot marks, by its id."""
    return {mark.option_id: _own_mark(mark, poll) for mark in ballot.marks} if ballot else {}


def _own_mark(mark: Mark, poll: Poll) -> str:
    if mark.rank is not None:
        return _("You gave it place %(rank)d") % {"rank": mark.rank}
    if mark.score is None:
        return _("Your vote")
    grade = poll.grade_words.get(int(mark.score))
    return _("You gave: %(score)s") % {"score": grade or int(mark.score)}


def own_word(ballot: Ballot | None) -> str:
    """Return what a ballot says that marks no option; the empty text for any other."""
    if ballot is None:
        return ""
    if ballot.word is Word.ABSTAIN:
        return _("You abstained.")
    if ballot.word is Word.NONE_OF_THESE:
        return _('You chose "none of these".')
    return "" if ballot.marks else _("You left the ballot empty.")
