"""Polls to measure: their ballots, and votes in any number, laid out on disk as single inserts lay them out."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from django_polls import lifecycle, statements
from django_polls.lifecycle import OptionDraft, PollDraft
from django_polls.methods.ballots import Ballot as BallotValue
from django_polls.models import Poll
from django_polls.models.votes import random_ballot_id

BATCH = 1_000_000


@dataclass(frozen=True, slots=True)
class MeasuredPoll:
    """An open poll, and the ids of the ballots that its votes point at."""

    poll: Poll
    ballot_ids: Sequence[int]


def new_poll(options: int, method: str = "single") -> Poll:
    """Store an open poll."""
    texts = [OptionDraft(f"Option {number}") for number in range(1, options + 1)]
    return lifecycle.create_poll(PollDraft({"title": "Benchmark", "method": method}, texts))


def single_choice(options: int) -> MeasuredPoll:
    """Store a single-choice poll with each of its ballots."""
    poll = new_poll(options)
    with transaction.atomic():
        ballot_ids = [
            statements.ballot_id_of(BallotValue.of(option.pk), Decimal(1), poll.pk, "default")
            for option in poll.options.all()
        ]
    return MeasuredPoll(poll, ballot_ids)


def approval(options: int, ballots: int) -> MeasuredPoll:
    """Store an approval poll with so many distinct ballots of one to eight marks each."""
    poll = new_poll(options, "approval")
    option_ids = [option.pk for option in poll.options.all()]
    seeded = random.Random(1)
    drawn: dict[str, BallotValue] = {}
    while len(drawn) < ballots:
        ballot = BallotValue.of(*seeded.sample(option_ids, seeded.randint(1, 8)))
        drawn[ballot.body] = ballot
    stored = {random_ballot_id(): ballot for ballot in drawn.values()}
    with unchecked() as cursor:
        copy = "COPY django_polls_ballot (id, poll_id, key, weight, body, counted) FROM STDIN"
        _copy(cursor, copy, ((pk, poll.pk, ballot.key, 1, ballot.body, 0) for pk, ballot in stored.items()))
        marks = ((poll.pk, pk, mark.option_id) for pk, ballot in stored.items() for mark in ballot.marks)
        _copy(cursor, "COPY django_polls_mark (poll_id, ballot_id, option_id) FROM STDIN", marks)
    return MeasuredPoll(poll, list(stored))


def _copy(cursor: CursorWrapper, statement: str, rows: Iterator[tuple[object, ...]]) -> None:
    with cursor.cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def load_votes(target: MeasuredPoll, votes: int, *, days: int = 0) -> None:
    """Add guests' votes of the last so many days, compacted.

    Their keys are random, so that indexes grow as they do by single inserts.
    """
    for start in range(0, votes, BATCH):
        with unchecked() as cursor:
            cursor.execute(
                """
                INSERT INTO django_polls_vote (poll_id, voter_key, ballot_id, cast_at)
                SELECT %s, gen_random_uuid(), (%s::bigint[])[1 + number %% %s],
                    clock_timestamp() - random() * %s * interval '1 day'
                FROM generate_series(1, %s) number
                """,
                [target.poll.pk, list(target.ballot_ids), len(target.ballot_ids), days, min(BATCH, votes - start)],
            )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE django_polls_ballot ballot SET counted = vote.votes
            FROM (SELECT ballot_id, COUNT(*) AS votes FROM django_polls_vote WHERE poll_id = %s GROUP BY 1) vote
            WHERE ballot.id = vote.ballot_id
            """,
            [target.poll.pk],
        )
        cursor.execute("VACUUM (ANALYZE) django_polls_vote, django_polls_ballot, django_polls_mark")


def add_pending(target: MeasuredPoll, votes: int) -> None:
    """Add votes with their ledger entries, not compacted."""
    with unchecked() as cursor:
        cursor.execute(
            """
            WITH vote AS (
              INSERT INTO django_polls_vote (poll_id, voter_key, ballot_id, cast_at)
              SELECT %s, gen_random_uuid(), (%s::bigint[])[1 + number %% %s], clock_timestamp()
              FROM generate_series(1, %s) number
              RETURNING ballot_id
            )
            INSERT INTO django_polls_ledgerentry (ballot_id, delta) SELECT ballot_id, 1 FROM vote
            """,
            [target.poll.pk, list(target.ballot_ids), len(target.ballot_ids), votes],
        )


@contextmanager
def unchecked() -> Iterator[CursorWrapper]:
    """Yield a cursor in a transaction that checks no foreign key, for rows that are known to be right."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor


def forget_votes() -> None:
    """Empty the tables of votes and ledger entries, and leave nothing for the server to write later."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_polls_vote, django_polls_ledgerentry")
        cursor.execute("UPDATE django_polls_ballot SET counted = 0")
        # Or the checkpoint for one candidate's writes falls into another's time.
        cursor.execute("CHECKPOINT")


def differing_ballots() -> int:
    """Return how many ballots have another number of votes than a recount gives."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT COUNT(*) FROM django_polls_ballot ballot
            LEFT JOIN (SELECT ballot_id, COUNT(*) AS votes FROM django_polls_vote GROUP BY 1) vote
              ON vote.ballot_id = ballot.id
            LEFT JOIN (SELECT ballot_id, SUM(delta) AS votes FROM django_polls_ledgerentry GROUP BY 1) entry
              ON entry.ballot_id = ballot.id
            WHERE ballot.counted + COALESCE(entry.votes, 0) <> COALESCE(vote.votes, 0)
        """)
        return int(cursor.fetchone()[0])
