"""More voters at once than PgBouncer has connections to the server."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.results import outcome_of
from django_polls.voting import cast_vote
from tests.projects.pgbouncer.pooler import POOL_SIZE
from tests.projects.polls import make_poll

VOTERS = 8
VOTES_EACH = 5


def cast_some(poll: Poll) -> set[int]:
    """Cast votes through this thread's own connection, and return which server processes it was given."""
    option = poll.options.first()
    processes = set()
    for _ in range(VOTES_EACH):
        cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            processes.add(cursor.fetchone()[0])
    connection.close()
    return processes


@pytest.mark.django_db(transaction=True)
def test_voters_share_the_connections_of_the_pool() -> None:
    poll = make_poll()

    with ThreadPoolExecutor(VOTERS) as threads:
        processes = set().union(*threads.map(cast_some, [poll] * VOTERS))

    assert outcome_of(poll).votes == VOTERS * VOTES_EACH
    assert len(processes) <= POOL_SIZE
