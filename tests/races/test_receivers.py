"""Receivers that raise or hang, and lost answers: the vote is committed, seen by all, and safe to send again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from threading import Event
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.dispatch import Signal

from django_polls import signals
from django_polls.exceptions import AlreadyVoted, TryAgain
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote
from django_polls.models.polls import Until
from django_polls.voting import cast_vote, replace_vote, vote_of, withdraw_vote
from tests.factories import PollFactory
from tests.races import judge, planted
from tests.races.crew import PATIENCE, Crew, unexpected
from tests.races.judge import Answer, Attempt


def lost_connection() -> Exception:
    """Return what the driver raises when the server is gone before its answer."""
    if connection.vendor == "postgresql":
        error: Exception = import_module("psycopg").OperationalError("server closed the connection unexpectedly")
    else:
        error = import_module("MySQLdb").OperationalError(2013, "Lost connection to server during query")
    return error


@contextmanager
def receiving(signal: Signal, receiver: Callable[..., object]) -> Iterator[None]:
    """Let something receive a signal for as long as the block lasts."""
    signal.connect(receiver, weak=False)
    try:
        yield
    finally:
        signal.disconnect(receiver)


def failing(**_arguments: object) -> None:
    raise RuntimeError("a host's mistake")


def poll_and_ballots() -> tuple[Poll, Ballot, Ballot]:
    poll = PollFactory(vote_change=Until.CLOSE, vote_withdrawal=Until.CLOSE)
    first, second = [Ballot.of(option.pk) for option in poll.options.all()]
    return poll, first, second


def live_with_failing_receivers() -> int:
    """Vote, change and withdraw while every receiver raises; return the number of votes after each."""
    poll, first, second = poll_and_ballots()
    voter = Voter(uuid4())
    with (
        receiving(signals.vote_cast, failing),
        receiving(signals.vote_changed, failing),
        receiving(signals.vote_withdrawn, failing),
        receiving(signals.vote_refused, failing),
    ):
        cast_vote(poll, voter, first)
        with pytest.raises(AlreadyVoted):
            cast_vote(poll, voter, second)
        changed = replace_vote(poll, voter, second)
        withdraw_vote(poll, voter)
        cast_vote(poll, voter, first)
    assert changed.ballot.body == second.body
    return poll.votes.count()


def test_receivers_that_raise_fail_no_vote(caplog: pytest.LogCaptureFixture) -> None:
    assert live_with_failing_receivers() == 1
    assert [record.exc_info[1].args for record in caplog.records if record.exc_info] == [("a host's mistake",)] * 5


def test_receivers_that_raise_show_signals_that_fail_the_vote() -> None:
    with planted.signals_that_fail_the_vote(), pytest.raises(RuntimeError):
        live_with_failing_receivers()


def test_receiver_that_raises_inside_the_host_s_transaction_fails_nothing(caplog: pytest.LogCaptureFixture) -> None:
    poll, first, _second = poll_and_ballots()
    voter = Voter(uuid4())
    with receiving(signals.vote_cast, failing), transaction.atomic():
        cast_vote(poll, voter, first)
        sent_early = list(caplog.records)

    assert sent_early == []
    assert vote_of(poll, voter).ballot.body == first.body


def hanging_receiver(crew: Crew) -> list[object]:
    """Vote in a host's transaction while a receiver hangs; return what others see then, and what a retry is told."""
    poll, first, _second = poll_and_ballots()
    voter, hangs, goes_on = Voter(uuid4()), Event(), Event()

    def hang(**_arguments: object) -> None:
        hangs.set()
        goes_on.wait(PATIENCE)

    def vote() -> None:
        with transaction.atomic():
            cast_vote(poll, voter, first)

    def look_and_retry() -> list[object]:
        try:
            hangs.wait(PATIENCE)
            seen = poll.votes.count()
            return [seen, replace_vote(poll, voter, first).voter_key] if seen else [seen]
        finally:
            goes_on.set()

    with receiving(signals.vote_cast, hang):
        told = crew.race(vote, look_and_retry)
    assert unexpected(told) + judge.miscounts(poll) == []
    assert told[1] in ([0], [1, voter.key])
    return next(seen for seen in told if isinstance(seen, list))


def test_vote_is_committed_and_seen_while_a_receiver_hangs(crew: Crew) -> None:
    assert hanging_receiver(crew)[0] == 1


def test_hanging_receiver_shows_signals_before_the_commit(crew: Crew) -> None:
    with planted.signals_before_the_commit():
        assert hanging_receiver(crew)[0] == 0


def test_signals_of_the_host_s_transaction_come_after_its_commit() -> None:
    poll, first, second = poll_and_ballots()
    received: list[tuple[str, bool]] = []

    def note(name: str, **_arguments: object) -> None:
        received.append((name, connection.in_atomic_block))

    note_cast, note_changed = partial(note, "cast"), partial(note, "changed")
    with receiving(signals.vote_cast, note_cast), receiving(signals.vote_changed, note_changed):
        with transaction.atomic():
            cast_vote(poll, Voter(uuid4()), first)
            transaction.set_rollback(True)
        with transaction.atomic():
            voter = Voter(uuid4())
            cast_vote(poll, voter, first)
            replace_vote(poll, voter, second)
            sent_early = list(received)

    assert sent_early == []
    assert received == [("cast", False), ("changed", False)]


def lost_answer() -> list[str]:
    """Commit a vote, lose the connection before the answer, and send the vote again; return each broken promise."""
    poll, first, _second = poll_and_ballots()
    voter = Voter(uuid4())

    def commit_and_vanish() -> None:
        driver_commit()
        raise lost_connection()

    connection.ensure_connection()
    driver_commit = connection.connection.commit
    with planted.swapped(connection.connection, "commit", commit_and_vanish):
        history = [told(voter, first, partial(cast_vote, poll, voter, first))]
    connection.close()
    if history[0].answer is Answer.UNKNOWN:
        history.append(told(voter, first, partial(replace_vote, poll, voter, first)))
    return judge.broken_promises(poll, history) + judge.miscounts(poll)


def told(voter: Voter, ballot: Ballot, verb: Callable[[], Vote]) -> Attempt:
    try:
        verb()
    except TryAgain as refusal:
        return Attempt(voter.key, ballot.body, Answer.UNKNOWN, refusal.code)
    except AlreadyVoted as refusal:
        return Attempt(voter.key, ballot.body, Answer.REFUSED, refusal.code)
    return Attempt(voter.key, ballot.body, Answer.ACKNOWLEDGED)


def test_vote_whose_answer_was_lost_is_unknown_and_counts_once_when_sent_again() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite runs inside the process: no answer of its can be lost alone")
    assert lost_answer() == []


def test_lost_answer_shows_errors_told_as_votes_already_cast() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite runs inside the process: no answer of its can be lost alone")
    with planted.every_error_means_already_voted():
        assert lost_answer() != []
