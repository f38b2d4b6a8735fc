"""The statements that change votes: SQL on PostgreSQL, where it pays, and the ORM with row locks elsewhere.

Nobody calls these but the verbs, which say what they are for.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, ProgrammingError, connections, transaction
from django.db.models import F

from django_polls.methods.ballots import Ballot as BallotValue
from django_polls.methods.ballots import Mark as MarkValue
from django_polls.models import Ballot, LedgerEntry, Mark, Poll, PollOption, Vote, VoteReason

# Migration 0001 defines the function, and says there what it does in which order.
CAST = """
SELECT vote, at
FROM django_polls_cast_vote(%(lock)s, %(poll)s, %(revision)s, %(voter_key)s, %(voter)s, %(ballot)s)
"""

HAS_CAST = "SELECT has_function_privilege(to_regproc('django_polls_cast_vote')::oid, 'EXECUTE')"

BALLOT = """
WITH ballot AS (
  INSERT INTO django_polls_ballot (id, poll_id, key, weight, body, counted)
  VALUES (%(id)s, %(poll)s, %(key)s, %(weight)s, %(body)s, 0)
  ON CONFLICT (poll_id, key, weight) DO NOTHING
  RETURNING id, poll_id
),
marks AS (
  INSERT INTO django_polls_mark (poll_id, ballot_id, option_id, rank, score)
  SELECT ballot.poll_id, ballot.id, mark.option_id, mark.rank, mark.score
  FROM ballot, unnest(%(options)s::bigint[], %(ranks)s::smallint[], %(scores)s::numeric[])
    AS mark (option_id, rank, score)
)
SELECT id FROM ballot
"""

# Compactors of one poll take turns by a lock that none of them waits for: the ledger is the same without them.
COMPACT = """
WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(%(lock)s) AS mine),
moved AS (
  DELETE FROM django_polls_ledgerentry entry USING turn, django_polls_ballot ballot
  WHERE turn.mine AND entry.ballot_id = ballot.id AND ballot.poll_id = %(poll)s
  RETURNING entry.ballot_id, entry.delta
),
sums AS (SELECT ballot_id, SUM(delta) AS delta, COUNT(*) AS entries FROM moved GROUP BY ballot_id),
added AS (
  UPDATE django_polls_ballot ballot SET counted = ballot.counted + sums.delta
  FROM sums WHERE ballot.id = sums.ballot_id
)
SELECT COALESCE(SUM(entries), 0)::bigint FROM sums
"""

ENTRIES_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Cast:
    """A vote about to be inserted. `is_locked` says that its transaction has called `ballot_id_of`, which may lock."""

    poll_id: UUID
    revision: int
    voter_key: UUID
    voter_id: int | str | None
    ballot_id: int
    is_locked: bool = False


def is_postgresql(using: str) -> bool:
    """Whether the database of this alias is PostgreSQL."""
    return connections[using].vendor == "postgresql"


def lock_number(poll_id: UUID, purpose: int = 0) -> int:
    """Return the 64-bit number of the poll's advisory lock for a purpose (0 voting, 1 compaction, 2 the last votes)."""
    return int.from_bytes(poll_id.bytes[:8], signed=True) ^ purpose


def insert_vote(new: Cast, using: str) -> Vote | None:
    """Insert a vote and its ledger entry if the poll is open under this revision; None where it is not.

    None may also say that the voter has a vote already; without PostgreSQL's function IntegrityError says that.
    """
    if is_postgresql(using) and has_cast_function(using):
        try:
            return _insert_vote_by_sql(new, using)
        except ProgrammingError:
            # It was there when this process asked. In a transaction, which has failed, only the next vote can know.
            has_cast_function.cache_clear()
            if connections[using].in_atomic_block or has_cast_function(using):
                raise
    with transaction.atomic(using=using):
        read = _read if new.is_locked and not is_postgresql(using) else held_poll
        poll = read(new.poll_id, using)
        if poll is None or poll.revision != new.revision or not poll.is_active:
            return None
        vote = _vote(new, poll.read_at)
        vote.save(using=using, force_insert=True)
        LedgerEntry.objects.using(using).create(ballot_id=new.ballot_id, delta=1)
    return vote


@cache
def has_cast_function(using: str) -> bool:
    """Whether migration 0001's function may be called: it is missing where tables were made without migrations."""
    with connections[using].cursor() as cursor:
        cursor.execute(HAS_CAST)
        return bool(cursor.fetchone()[0])


def _insert_vote_by_sql(new: Cast, using: str) -> Vote | None:
    connection = connections[using]
    parameters = {
        "lock": lock_number(new.poll_id),
        "poll": new.poll_id,
        "voter_key": new.voter_key,
        "voter": Vote._meta.get_field("voter").get_db_prep_value(new.voter_id, connection),
        "ballot": new.ballot_id,
        "revision": new.revision,
    }
    with connection.cursor() as cursor:
        cursor.execute(CAST, parameters)
        vote_id, cast_at = cursor.fetchone()
    if vote_id is None:
        return None
    vote = _vote(new, Vote._meta.get_field("cast_at").to_python(cast_at))
    vote.pk = vote_id
    vote._state.adding, vote._state.db = False, using
    return vote


def _vote(new: Cast, cast_at: datetime) -> Vote:
    return Vote(
        poll_id=new.poll_id,
        voter_key=new.voter_key,
        voter_id=new.voter_id,
        ballot_id=new.ballot_id,
        cast_at=cast_at,
    )


def held_poll(poll_id: UUID, using: str, *, exclusively: bool = False) -> Poll | None:
    """Lock the poll until the end of the transaction, and return it as it is then, with `read_at`; None if it is gone.

    A shared hold keeps closers and editors out, an exclusive one voters too. The clock is read after the lock.
    """
    if is_postgresql(using):
        _lock_by_sql(poll_id, using, exclusively=exclusively)
    else:
        _lock_by_orm(poll_id, using)
    return _read(poll_id, using)


def _read(poll_id: UUID, using: str) -> Poll | None:
    return Poll.objects.using(using).with_clock().filter(pk=poll_id).first()


def _lock_by_sql(poll_id: UUID, using: str, *, exclusively: bool) -> None:
    advisory, row = ("pg_advisory_xact_lock", "UPDATE") if exclusively else ("pg_advisory_xact_lock_shared", "SHARE")
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {advisory}(%s)", [lock_number(poll_id)])
        cursor.execute(f"SELECT 1 FROM django_polls_poll WHERE id = %s FOR {row}", [poll_id])  # noqa: S608


def _lock_by_orm(poll_id: UUID, using: str) -> None:
    # SQLite has no locks of rows: whoever has begun a transaction is alone.
    if connections[using].features.has_select_for_update:
        Poll.objects.using(using).select_for_update().filter(pk=poll_id).values_list("pk").first()


def ballot_id_of(ballot: BallotValue, weight: Decimal, poll_id: UUID, using: str) -> int:
    """Return the id of the poll's stored ballot of this body and weight, created at its first use with its marks.

    Locks the poll first, except on PostgreSQL. Must run in a transaction, so that no ballot is seen without its marks
    and a refused vote leaves none behind. Raises `Ballot.DoesNotExist` where the ballot, or the poll, was deleted
    meanwhile.
    """
    insert = _insert_ballot_by_sql if is_postgresql(using) else _insert_ballot
    new = Ballot(poll_id=poll_id, key=ballot.key, body=ballot.body, weight=weight)
    inserted = insert(new, ballot.marks, using)
    if inserted is not None:
        return inserted
    stored = Ballot.objects.using(using).get(poll_id=poll_id, key=ballot.key, weight=weight)
    if stored.body != ballot.body:
        raise RuntimeError("Two ballots have the same SHA-256.")
    return stored.pk


def _insert_ballot_by_sql(ballot: Ballot, marks: Sequence[MarkValue], using: str) -> int | None:
    parameters: dict[str, Any] = {
        "id": ballot.pk,
        "poll": ballot.poll_id,
        "key": ballot.key,
        "weight": ballot.weight,
        "body": ballot.body,
        "options": [mark.option_id for mark in marks],
        "ranks": [mark.rank for mark in marks],
        "scores": [mark.score for mark in marks],
    }
    with connections[using].cursor() as cursor:
        cursor.execute(BALLOT, parameters)
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _insert_ballot(ballot: Ballot, marks: Sequence[MarkValue], using: str) -> int | None:
    # Before the insert: MariaDB's check of its foreign key locks the poll in share, and of two voters who have both
    # done that neither can take the hold.
    _lock_by_orm(ballot.poll_id, using)
    try:
        with transaction.atomic(using=using):
            ballot.save(using=using, force_insert=True)
    except IntegrityError:
        return None
    Mark.objects.using(using).bulk_create(
        Mark(poll_id=ballot.poll_id, ballot=ballot, option_id=mark.option_id, rank=mark.rank, score=mark.score)
        for mark in marks
    )
    return ballot.pk


def places_taken(poll_id: UUID, option_ids: Collection[int], using: str) -> list[tuple[PollOption, int]]:
    """Lock those of these options that have only so many places, and return each with the votes that mark it.

    In the order of their ids, so that no two voters wait for each other. The caller holds the poll, since an editor
    writes options under the poll's lock.
    """
    options = PollOption.objects.using(using).filter(poll_id=poll_id, pk__in=option_ids, capacity__isnull=False)
    no_key = connections[using].features.has_select_for_no_key_update
    locked = list(options.order_by("pk").select_for_update(no_key=no_key))
    return [(option, option.marks.using(using).vote_total()) for option in locked]


def votes_taken(poll_id: UUID, using: str) -> int:
    """Return the number of votes of a poll, after everybody who takes one of its last votes has waited for this."""
    if is_postgresql(using):
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number(poll_id, purpose=2)])
    # They are no more than the poll takes. There may be as many distinct ballots, which are dearer to count.
    return Vote.objects.using(using).filter(poll_id=poll_id).count()


def store_reason(vote: Vote, text: str, using: str) -> None:
    """Store the reason that was given with a vote in place of any other, or none for the empty text."""
    VoteReason.objects.using(using).filter(vote=vote).delete()
    # Whoever is shown the vote sees the reason it was read with otherwise.
    vote._state.fields_cache["reason"] = None
    if text:
        VoteReason.objects.using(using).create(vote=vote, text=text)


def standing_vote(poll_id: UUID, voter_key: UUID, using: str, *, locked: bool = False) -> Vote | None:
    """Return the voter's vote with its ballot, locked if asked; None where there is none."""
    votes = Vote.objects.using(using).filter(poll_id=poll_id, voter_key=voter_key)
    if locked and not is_postgresql(using):
        votes = votes.select_for_update()
    # Before it is read: a statement that has waited for a lock joins the new row with what the old one pointed at.
    elif locked and votes.select_for_update().values_list("pk").first() is None:
        return None
    return votes.select_related("ballot", "reason").first()


def move_vote(vote: Vote, ballot_id: int, at: datetime, using: str) -> None:
    """Point a locked vote at another ballot, and enter the change into the ledger."""
    former = cast("int", vote.ballot_id)
    vote.ballot_id, vote.cast_at = ballot_id, at
    vote.save(using=using, update_fields=("ballot", "cast_at"))
    LedgerEntry.objects.using(using).bulk_create(
        [LedgerEntry(ballot_id=former, delta=-1), LedgerEntry(ballot_id=ballot_id, delta=1)]
    )


def remove_vote(vote: Vote, using: str) -> None:
    """Delete a locked vote, and enter that into the ledger."""
    LedgerEntry.objects.using(using).create(ballot_id=cast("int", vote.ballot_id), delta=-1)
    vote.delete(using=using)


def compact(poll_id: UUID, using: str) -> int:
    """Add the poll's ledger into `counted`, and return how many entries that were.

    Exact under concurrent votes, readers and other compactors: what is moved disappears and appears in one instant.
    """
    if is_postgresql(using):
        with connections[using].cursor() as cursor:
            cursor.execute(COMPACT, {"lock": lock_number(poll_id, purpose=1), "poll": poll_id})
            return int(cursor.fetchone()[0])
    total = 0
    while entries := _compact_some(poll_id, using):
        total += entries
    return total


def _compact_some(poll_id: UUID, using: str) -> int:
    """Compact at most `ENTRIES_AT_ONCE`, and return how many those were: a statement takes only so many parameters."""
    pending = LedgerEntry.objects.using(using).filter(ballot__poll_id=poll_id)
    with transaction.atomic(using=using):
        entries = list(pending.select_for_update().order_by("id")[:ENTRIES_AT_ONCE])
        deltas: Counter[int] = Counter()
        for entry in entries:
            deltas[entry.ballot_id] += entry.delta
        for ballot_id, delta in sorted(deltas.items()):
            Ballot.objects.using(using).filter(pk=ballot_id).update(counted=F("counted") + delta)
        LedgerEntry.objects.using(using).filter(pk__in=[entry.pk for entry in entries]).delete()
    return len(entries)


def delete_votes(poll_id: UUID, using: str) -> None:
    """Delete the poll's votes and ballots, table by table: the ORM's own way would load every one of them."""
    for rows in (
        VoteReason.objects.filter(vote__poll_id=poll_id),
        Vote.objects.filter(poll_id=poll_id),
        LedgerEntry.objects.filter(ballot__poll_id=poll_id),
        Mark.objects.filter(ballot__poll_id=poll_id),
        Ballot.objects.filter(poll_id=poll_id),
    ):
        rows.using(using)._raw_delete(using)  # noqa: SLF001  `delete` would load what refers to each row
