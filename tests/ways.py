"""Every way of voting: each method with each of its counts, for the tests of what holds under all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from django_polls.lifecycle import OptionDraft, PollDraft, create_poll
from django_polls.methods.ballots import Ballot, Mark
from django_polls.methods.rankings import ballot_of
from django_polls.models import Poll

Ballots = Callable[[Sequence[int]], list[Ballot]]


@dataclass(frozen=True, slots=True)
class Way:
    """A method with one of its counts, what a poll of it needs to have, and a few ballots for its first options."""

    method: str
    ballots: Ballots
    count: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    options: int = 3

    def __str__(self) -> str:
        return f"{self.method}-{self.count}" if self.count else self.method

    def open_poll(self, **fields: object) -> tuple[Poll, list[Ballot]]:
        """Return an open poll of this way, and different ballots that it takes."""
        definition = {"title": "Test Poll", "method": self.method, "count": self.count, **self.fields, **fields}
        options = [OptionDraft(f"Option {number}") for number in range(1, self.options + 1)]
        poll = create_poll(PollDraft(definition, options))
        return poll, self.ballots([option.pk for option in poll.options.all()])


def scored(scores: Mapping[int, int]) -> Ballot:
    """Return the ballot that gives these options these scores."""
    return Ballot(tuple(Mark(option_id, score=Decimal(score)) for option_id, score in scores.items()))


def _of_one(option_ids: Sequence[int]) -> list[Ballot]:
    return [Ballot.of(option_id) for option_id in option_ids]


def _approvals(option_ids: Sequence[int]) -> list[Ballot]:
    a, b, c = option_ids[:3]
    return [Ballot.of(a), Ballot.of(b), Ballot.of(a, c)]


def _rankings(option_ids: Sequence[int]) -> list[Ballot]:
    a, b, c = option_ids[:3]
    return [ballot_of([[a], [b], [c]]), ballot_of([[b], [c]]), ballot_of([[c], [a], [b]])]


def _scores(option_ids: Sequence[int]) -> list[Ballot]:
    a, b, c = option_ids[:3]
    return [scored({a: 5, b: 1}), scored({b: 4, c: 2}), scored({a: 0, b: 3, c: 5})]


def _points(option_ids: Sequence[int]) -> list[Ballot]:
    a, b, c = option_ids[:3]
    return [scored({a: 3, b: 3}), scored({b: 6}), scored({a: 2, c: 1})]


WAYS = (
    Way("single", _of_one),
    Way("approval", _approvals),
    *(Way("ranked", _rankings, count) for count in ("irv", "borda", "schulze", "ranked_pairs", "copeland")),
    *(Way("ranked", _rankings, count, {"seats": 2}) for count in ("stv", "stv_meek")),
    *(Way("score", _scores, count) for count in ("sum", "mean", "median", "star", "majority_judgment")),
    Way("dots", _points, fields={"points": 6}),
    Way("yes_no", _of_one, options=4),
)

# Each method by the first of its counts, for what no count has to do with.
BY_METHOD = {way.method: way for way in reversed(WAYS)}
METHODS = tuple(BY_METHOD.values())

each_way = pytest.mark.parametrize("way", WAYS, ids=str)
each_method = pytest.mark.parametrize("way", METHODS, ids=str)
