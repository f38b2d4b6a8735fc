"""Compactors, readers and voters together: every read is exact, whatever of the ledger has been moved by then."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from threading import Condition
from uuid import uuid4

import pytest
from django.db import connection, transaction

from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.polls import Until
from django_polls.results import compact, outcome_of
from django_polls.voting import cast_vote, replace_vote
from tests.factories import PollFactory
from tests.races import judge, planted
from tests.races.crew import PATIENCE, Crew, unexpected

VOTERS = 4
MANY = 20
# Where voters hold the poll one after another, fewer votes meet as many readers.
VOTES = {"sqlite": 6, "mysql": 10}

Bug = Callable[[], AbstractContextManager[None]]


class Meter:
    """How many votes were begun, and how many acknowledged: between the two lies every exact count."""

    def __init__(self, expected: int) -> None:
        self._changed = Condition()
        self._expected = expected
        self.begun = self.acknowledged = 0

    @contextmanager
    def vote(self) -> Iterator[None]:
        """Note that a vote is begun, and that it is acknowledged; one that fails ends the race."""
        self._note(begun=1)
        try:
            yield
        except Exception:
            self._note(acknowledged=self._expected)
            raise
        self._note(acknowledged=1)

    def _note(self, *, begun: int = 0, acknowledged: int = 0) -> None:
        with self._changed:
            self.begun += begun
            self.acknowledged += acknowledged
            self._changed.notify_all()

    def beats(self) -> Iterator[int]:
        """Yield whenever votes were acknowledged since the last time, until all are."""
        seen = 0
        while seen < self._expected:
            with self._changed:
                self._changed.wait_for(partial(self._is_past, seen), PATIENCE)
            seen = self.acknowledged
            yield seen

    def _is_past(self, seen: int) -> bool:
        return self.acknowledged > seen


def count_race(crew: Crew, method: str) -> list[str]:
    """Let voters, two compactors and three readers loose on a poll, and return each wrong count."""
    poll = PollFactory(method=method, options=2, vote_change=Until.CLOSE)
    ballots = [Ballot.of(option.pk) for option in poll.options.all()]
    votes = VOTES.get(connection.vendor, MANY)
    meter = Meter(VOTERS * votes)

    told = crew.race(
        *[partial(vote_and_change, poll, ballots * (votes // 2), meter)] * VOTERS,
        *[partial(while_voting, meter, partial(compact_wrongly, poll))] * 2,
        *[partial(while_voting, meter, partial(misread, poll, meter))] * 2,
        partial(while_voting, meter, partial(misread_in_snapshot, poll)),
    )

    wrong = [fault for faults in told if isinstance(faults, list) for fault in faults]
    return unexpected(told) + wrong + judge.miscounts(poll)


def vote_and_change(poll: Poll, ballots: list[Ballot], meter: Meter) -> None:
    """Cast votes for these ballots, and change each of them, which no sum may show."""
    for cast, changed in zip(ballots, reversed(ballots), strict=True):
        voter = Voter(uuid4())
        with meter.vote():
            cast_vote(poll, voter, cast)
            replace_vote(poll, voter, changed)


def while_voting(meter: Meter, look: Callable[[], list[str]]) -> list[str]:
    """Do something whenever votes have come, and return the faults found."""
    return [fault for _beat in meter.beats() for fault in look()]


def compact_wrongly(poll: Poll) -> list[str]:
    """Compact the poll: a number of entries that is none would be wrong."""
    moved = compact(poll)
    return [] if moved >= 0 else [f"compacted {moved} entries"]


def misread(poll: Poll, meter: Meter) -> list[str]:
    """Read the result, which must count all votes acknowledged before and none begun after."""
    least = meter.acknowledged
    read = outcome_of(Poll.objects.get(pk=poll.pk)).votes
    most = meter.begun
    return [] if least <= read <= most else [f"L5: read {read}, which is not from {least} to {most}"]


def misread_in_snapshot(poll: Poll) -> list[str]:
    """Read the result and the votes in one snapshot of the database, in which they must agree."""
    with snapshot():
        fresh = Poll.objects.prefetch_related("options").get(pk=poll.pk)
        read, recounted = outcome_of(fresh), judge.recount(fresh)
    return [] if read == recounted else [f"L5: read {read.to_json()}, recounted {recounted.to_json()}"]


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything in the block from the same instant; on SQLite any transaction does."""
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


@pytest.mark.parametrize("method", ["single", "approval"])
def test_every_read_among_voters_and_compactors_is_exact(crew: Crew, method: str) -> None:
    assert count_race(crew, method) == []


@pytest.mark.parametrize("bug", [planted.counter_for_ledger, planted.compaction_in_two_steps])
def test_count_race_finds(crew: Crew, bug: Bug) -> None:
    with bug():
        assert any(count_race(crew, "single") for _attempt in range(5))
