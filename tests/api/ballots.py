"""Polls under every method, the bodies that vote in them, and what a vote leaves in the database."""

from collections.abc import Callable, Mapping
from typing import Any

from django_polls.models import Ballot, LedgerEntry, Mark, Poll, Vote, VoteReason
from tests.factories import PollFactory

FORM = "application/x-www-form-urlencoded"

Ids = list[int]
Fields = Mapping[str, Any]


def poll_with(**fields: object) -> tuple[Poll, Ids]:
    """Return an open poll, of three options unless `options` says how many, and the ids of its options."""
    poll: Poll = PollFactory(**{"options": 3, **fields})
    return poll, [option.pk for option in poll.options.all()]


def url(poll: Poll) -> str:
    return f"/api/polls/{poll.pk}/vote/"


def stored() -> dict[str, int]:
    """Return how many rows there are of everything that a vote leaves."""
    return {model.__name__: model.objects.count() for model in (Vote, Ballot, Mark, LedgerEntry, VoteReason)}


def scores(**values: int) -> Callable[[Ids], list[dict[str, int]]]:
    """Return what makes the scores of a body, for the first, second and third option: `a`, `b` and `c`."""
    return lambda ids: [{"option_id": ids["abc".index(name)], "score": score} for name, score in values.items()]
