"""Votes over HTTP to a server of several processes: whatever is sent twice, and whatever is killed, counts once."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from random import Random
from threading import Semaphore

import pytest
from django.db import connection, transaction

from django_polls import statements
from django_polls.exceptions import AlreadyVoted
from django_polls.models import Poll, Vote
from tests.factories import PollFactory
from tests.races import judge, planted
from tests.races.clients import Client
from tests.races.crew import PATIENCE, Crew, unexpected
from tests.races.judge import Answer, Attempt
from tests.races.locks import Watch, wait_for
from tests.races.server import APPLICATION, Server, serving

pytest.importorskip("gunicorn", reason="the server of these races is gunicorn, which is not installed")

VOTERS = 20
SENT_AT_ONCE = 50
CLIENTS = 8
VOTERS_OF_A_CLIENT = 10
VOTES_BETWEEN_DEATHS = 10

END_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = %s AND (wait_event_type = 'Lock' OR random() < 0.3)
"""


@pytest.fixture(scope="session")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One honest server for all tests of this file."""
    with serving(tmp_path_factory.mktemp("workers")) as server:
        yield server


@pytest.fixture(scope="session")
def senders() -> Iterator[Crew]:
    """As many threads as one voter sends votes at once; none of them uses the database itself."""
    with Crew(SENT_AT_ONCE, uses_database=False) as senders:
        yield senders


def double_submits(server: Server, senders: Crew, *, is_mixed: bool) -> Iterator[str]:
    """Let each of twenty voters send fifty votes at once, for one option or for several. Yield each fault."""
    poll = PollFactory(options=3)
    options = list(poll.options.values_list("pk", flat=True))[: 3 if is_mixed else 1]
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(Client(server.port))) for _sender in range(SENT_AT_ONCE)]
        for voter in range(VOTERS):
            jobs = [
                partial(client.send, "POST", poll, f"192.0.2.{voter}", options[number % len(options)])
                for number, client in enumerate(clients)
            ]
            yield from miscast(poll, senders.race(*jobs))
    yield from judge.miscounts(poll)
    if poll.votes.count() != VOTERS:
        yield f"{poll.votes.count()} votes of {VOTERS} voters"


def miscast(poll: Poll, told: list[object]) -> list[str]:
    """Return a fault unless one vote was acknowledged, and stands, and the others were refused for it."""
    attempts = [attempt for attempt in told if isinstance(attempt, Attempt)]
    answers = Counter((attempt.answer, attempt.code) for attempt in attempts)
    if answers != {(Answer.ACKNOWLEDGED, ""): 1, (Answer.REFUSED, AlreadyVoted.code): SENT_AT_ONCE - 1}:
        return [f"L2, L3: {answers}"]
    bodies = [attempt.body for attempt in attempts if attempt.answer is Answer.ACKNOWLEDGED]
    votes = Vote.objects.filter(poll=poll, voter_key=attempts[0].voter_key)
    standing = list(votes.values_list("ballot__body", flat=True))
    return [] if bodies == standing else [f"L1: acknowledged {bodies}, standing {standing}"]


@pytest.mark.parametrize("is_mixed", [False, True])
def test_fifty_votes_of_each_of_twenty_voters_at_once_are_twenty_votes(
    server: Server, senders: Crew, *, is_mixed: bool
) -> None:
    assert list(double_submits(server, senders, is_mixed=is_mixed)) == []


def test_double_submits_find_votes_that_are_not_unique(senders: Crew, tmp_path: Path) -> None:
    with (
        planted.without_constraint(Vote, "django_polls_vote_once"),
        serving(tmp_path, bug="cast_whatever_stands") as server,
    ):
        assert next(double_submits(server, senders, is_mixed=True), None) is not None


def votes_amid_deaths(server: Server, senders: Crew, kill: Callable[[Poll], object]) -> tuple[Poll, list[Attempt]]:
    """Let eight clients vote while something is killed after every tenth vote; return what they were told."""
    poll = PollFactory(options=3)
    options, answered = list(poll.options.values_list("pk", flat=True)), Semaphore(0)
    told = senders.race(
        *[partial(vote_for_many, Client(server.port), poll, number, options, answered) for number in range(CLIENTS)],
        partial(kill_now_and_then, partial(kill, poll), answered),
    )
    assert unexpected(told) == []
    return poll, [attempt for attempts in told if isinstance(attempts, list) for attempt in attempts]


def vote_for_many(client: Client, poll: Poll, number: int, options: list[int], answered: Semaphore) -> list[Attempt]:
    """Send the votes of many voters, one after another."""
    chance, history = Random(number), []
    with closing(client):
        for voter in range(VOTERS_OF_A_CLIENT):
            first, other = chance.sample(options, 2)
            for option in (first, first, other):
                history += client.insist(poll, f"198.51.{number}.{voter}", option)
            answered.release()
    return history


def kill_now_and_then(kill: Callable[[], object], answered: Semaphore) -> None:
    """Kill whenever so many more votes have been answered, but for the last."""
    for _death in range(CLIENTS * VOTERS_OF_A_CLIENT // VOTES_BETWEEN_DEATHS - 1):
        for _vote in range(VOTES_BETWEEN_DEATHS):
            answered.acquire(timeout=PATIENCE)
        kill()
    connection.close()


def faults(poll: Poll, history: list[Attempt]) -> list[str]:
    """Return each promise broken, each wrong count, and how many votes are missing."""
    missing = CLIENTS * VOTERS_OF_A_CLIENT - poll.votes.count()
    return judge.broken_promises(poll, history) + judge.miscounts(poll) + ([f"{missing} missing"] if missing else [])


def end_sessions(poll: Poll) -> None:
    """End the server's database sessions that are in the middle of a vote, and some of those that are not."""
    watch = Watch()
    with transaction.atomic():
        statements.held_poll(poll.pk, connection.alias, exclusively=True)
        wait_for(lambda: watch.blocked() > 1)
        with connection.cursor() as cursor:
            cursor.execute(END_SESSIONS, [APPLICATION])


def test_killed_workers_lose_no_acknowledged_vote(server: Server, senders: Crew) -> None:
    poll, history = votes_amid_deaths(server, senders, lambda _poll: server.kill_a_worker())

    assert faults(poll, history) == []


def test_killed_workers_show_votes_acknowledged_before_their_commit(senders: Crew, tmp_path: Path) -> None:
    with serving(tmp_path, bug="acknowledged_before_commit") as server:
        poll, history = votes_amid_deaths(server, senders, lambda _poll: server.kill_a_worker())

    assert faults(poll, history) != []


@pytest.mark.postgres
def test_ended_sessions_lose_no_acknowledged_vote(server: Server, senders: Crew) -> None:
    poll, history = votes_amid_deaths(server, senders, end_sessions)

    assert faults(poll, history) == []


@pytest.mark.postgres
def test_ended_sessions_show_errors_told_as_votes_already_cast(senders: Crew, tmp_path: Path) -> None:
    with serving(tmp_path, bug="every_error_means_already_voted") as server:
        poll, history = votes_amid_deaths(server, senders, end_sessions)

    assert faults(poll, history) != []
