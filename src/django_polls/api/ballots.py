"""A body as a ballot of a poll's method, and a vote as an answer: what the vote endpoint reads and writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from django_polls.api.errors import InvalidVote
from django_polls.api.fields import NOT_EXPECTED, ONE_VALUE, REQUIRED, integer_in, moment_text
from django_polls.api.parsers import Body
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote

REVISION = "revision"
NOT_AN_INTEGER = _("An option's id is an integer.")
NOT_A_LIST = _("Give a list of options' ids.")


@dataclass(frozen=True, slots=True)
class VoteRequest:
    """What a voter asks for: a ballot and, if they say which, the revision of the poll that they saw."""

    ballot: Ballot
    revision: int | None


def vote_request(body: Body, poll: Poll) -> VoteRequest:
    """Return the ballot that a body expresses by exactly one of the fields of the poll's method. Raises InvalidVote."""
    expected = [name for name in poll.voting_method.fields if name in _READERS]
    if unexpected := body.fields.keys() - {*expected, REVISION}:
        raise InvalidVote({name: [NOT_EXPECTED] for name in sorted(unexpected)})
    given = [name for name in expected if name in body.fields]
    if len(given) != 1:
        raise InvalidVote({name: [REQUIRED] for name in expected})
    return VoteRequest(_READERS[given[0]](body, given[0]), _revision(body))


def _revision(body: Body) -> int | None:
    return _integer(body, REVISION) if REVISION in body.fields else None


def _option_id(body: Body, name: str) -> Ballot:
    return Ballot.of(_integer(body, name))


def _option_ids(body: Body, name: str) -> Ballot:
    values = body.fields[name]
    if not isinstance(values, list):
        raise InvalidVote({name: [NOT_A_LIST]})
    ids = [integer_in(value, is_form=body.is_form) for value in values]
    option_ids = [option_id for option_id in ids if option_id is not None]
    if len(option_ids) < len(ids):
        raise InvalidVote({name: [NOT_AN_INTEGER]})
    return Ballot.of(*option_ids)


# How each field of a method is read.
_READERS = {"option_id": _option_id, "option_ids": _option_ids}


def _integer(body: Body, name: str) -> int:
    value = body.fields[name]
    if body.is_form:
        if len(value) != 1:
            raise InvalidVote({name: [ONE_VALUE]})
        value = value[0]
    integer = integer_in(value, is_form=body.is_form)
    if integer is None:
        raise InvalidVote({name: [NOT_AN_INTEGER]})
    return integer


def vote_answer(vote: Vote | None, ballot: Ballot | None = None) -> Mapping[str, object]:
    """Return a vote as the API shows it to its voter; the ballot is read from the vote where it is not given."""
    if vote is None:
        return {"has_voted": False, "option_ids": None, "cast_at": None}
    return {
        "has_voted": True,
        "option_ids": sorted(mark.option_id for mark in ballot.marks) if ballot else _stored_option_ids(vote),
        "cast_at": vote.cast_at and moment_text(vote.cast_at),
    }


def _stored_option_ids(vote: Vote) -> Sequence[int] | None:
    return None if vote.ballot is None else [int(mark) for mark in vote.ballot.body.split()]
