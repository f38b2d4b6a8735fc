"""Planted bugs: each breaks one rule of the write path, so that the race which guards the rule is seen to find it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import count
from threading import Barrier, get_ident
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, F, Model, Sum
from django.dispatch import Signal

from django_polls import lifecycle, results, signals, statements, voting
from django_polls.definitions import Definition
from django_polls.exceptions import AlreadyVoted
from django_polls.models import Ballot, LedgerEntry, Poll, PollOption, PollOutcome, Vote
from django_polls.models.clock import database_now
from tests.races.crew import PATIENCE
from tests.races.locks import wait_for

NO_ADVISORY_LOCK = {"PERFORM pg_advisory_xact_lock_shared(p_lock);": ""}
NO_ROW_LOCK = {"FOR SHARE;": ";"}


@contextmanager
def swapped(owner: object, name: str, value: object) -> Iterator[None]:
    """Put a value in the place of a module's, for as long as the block lasts."""
    former = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, former)


def rewritten(statement: str, changes: Mapping[str, str]) -> str:
    """Return the statement with its parts changed; each must be in it, or the planted bug would be none."""
    for part, other in changes.items():
        assert part in statement, part
        statement = statement.replace(part, other)
    return statement


@contextmanager
def function_rewritten(changes: Mapping[str, str]) -> Iterator[None]:
    """Change the function that casts on PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('django_polls_cast_vote'::regproc)")
        honest = cursor.fetchone()[0]
        cursor.execute(rewritten(honest, changes))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(honest)


@contextmanager
def cast_rewritten(changes: Mapping[str, str], insert: Callable[[statements.Cast, str], Vote | None]) -> Iterator[None]:
    """Change the function that casts on PostgreSQL, and insert votes by this one on other databases."""
    is_postgresql = connection.vendor == "postgresql"
    with function_rewritten(changes) if is_postgresql else swapped(statements, "insert_vote", insert):
        yield


def stored(cast: statements.Cast, at: datetime, using: str) -> Vote:
    """Insert a vote and its ledger entry, whatever stands against it."""
    vote = Vote(
        poll_id=cast.poll_id, voter_key=cast.voter_key, voter_id=cast.voter_id, ballot_id=cast.ballot_id, cast_at=at
    )
    with transaction.atomic(using=using):
        vote.save(using=using, force_insert=True)
        LedgerEntry.objects.using(using).create(ballot_id=cast.ballot_id, delta=1)
    return vote


def read_poll(cast: statements.Cast, using: str) -> Poll | None:
    """Read the poll without a hold, if it would take this vote."""
    poll = Poll.objects.using(using).with_clock().filter(pk=cast.poll_id, revision=cast.revision).first()
    return poll if poll is not None and poll.is_active else None


@contextmanager
def without_constraint(model: type[Model], name: str) -> Iterator[None]:
    """Drop a constraint of a table of votes, and put it back when all votes are gone."""
    constraint = next(constraint for constraint in model._meta.constraints if constraint.name == name)
    others = [other for other in model._meta.constraints if other.name != name]
    # SQLite rebuilds the table with the constraints that the model has.
    with swapped(model._meta, "constraints", others), connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        for poll_id in Poll.objects.values_list("pk", flat=True):
            statements.delete_votes(poll_id, "default")
        with connection.schema_editor() as editor:
            editor.add_constraint(model, constraint)


@contextmanager
def cast_whatever_stands() -> Iterator[None]:
    """A vote is inserted whether the voter has one or not, for a database that has no rule against it."""

    def insert(cast: statements.Cast, using: str) -> Vote | None:
        with transaction.atomic(using=using):
            poll = statements.held_poll(cast.poll_id, using)
            return stored(cast, poll.read_at, using) if poll is not None and poll.is_active else None

    with swapped(statements, "insert_vote", insert):
        yield


@contextmanager
def cast_without_hold() -> Iterator[None]:
    """A vote checks that the poll is open, and is inserted, without anything that keeps a closer out."""

    def insert(cast: statements.Cast, using: str) -> Vote | None:
        poll = read_poll(cast, using)
        return stored(cast, poll.read_at, using) if poll else None

    with cast_rewritten(NO_ADVISORY_LOCK | NO_ROW_LOCK, insert):
        yield


@contextmanager
def cast_held_by_advisory_lock_alone() -> Iterator[None]:
    """A vote keeps out those who take the advisory lock, and nobody else who writes the poll (PostgreSQL)."""
    with function_rewritten(NO_ROW_LOCK):
        yield


@contextmanager
def cast_checked_before_hold() -> Iterator[None]:
    """A vote finds the poll open, then waits for the hold, and is inserted."""

    def insert(cast: statements.Cast, using: str) -> Vote | None:
        poll = read_poll(cast, using)
        if poll is None:
            return None
        with transaction.atomic(using=using):
            statements.held_poll(cast.poll_id, using)
            return stored(cast, database_now(using), using)

    with swapped(statements, "insert_vote", insert):
        yield


@contextmanager
def cast_by_clock_before_hold() -> Iterator[None]:
    """The time is read before the hold is obtained."""

    def insert(cast: statements.Cast, using: str) -> Vote | None:
        before = database_now(using)
        with transaction.atomic(using=using):
            poll = statements.held_poll(cast.poll_id, using)
            if poll is None or poll.revision != cast.revision or poll.status_at(before) != "open":
                return None
            return stored(cast, before, using)

    with cast_rewritten({"at := clock_timestamp()": "at := statement_timestamp()"}, insert):
        yield


@contextmanager
def cast_whatever_the_revision() -> Iterator[None]:
    """A vote is checked against this process's copy of the poll, however old it is."""

    def insert(cast: statements.Cast, using: str) -> Vote | None:
        with transaction.atomic(using=using):
            poll = statements.held_poll(cast.poll_id, using)
            return stored(cast, poll.read_at, using) if poll is not None and poll.is_active else None

    with cast_rewritten({"revision = p_revision": "p_revision > 0"}, insert):
        yield


@contextmanager
def counter_for_ledger() -> Iterator[None]:
    """The number of votes is read, raised by one, and written back."""
    honest = statements.insert_vote

    def insert(cast: statements.Cast, using: str) -> Vote | None:
        vote = honest(cast, using)
        if vote is not None:
            ballot = Ballot.objects.using(using).get(pk=cast.ballot_id)
            ballot.counted += 1
            ballot.save(using=using, update_fields=["counted"])
            entries = LedgerEntry.objects.using(using).filter(ballot=ballot)
            entries.filter(pk__in=list(entries.values_list("pk", flat=True)[:1])).delete()
        return vote

    with swapped(statements, "insert_vote", insert):
        yield


@contextmanager
def compaction_in_two_steps() -> Iterator[None]:
    """The ledger is added into the ballots, and what is in the ledger by then is deleted."""

    def compact(poll_id: UUID, using: str) -> int:
        entries = LedgerEntry.objects.using(using).filter(ballot__poll_id=poll_id)
        sums = list(entries.order_by().values_list("ballot_id").annotate(Sum("delta"), Count("id")))
        for ballot_id, delta, _number in sums:
            Ballot.objects.using(using).filter(pk=ballot_id).update(counted=F("counted") + delta)
        entries._raw_delete(using)
        return sum(number for _ballot, _delta, number in sums)

    with swapped(statements, "compact", compact):
        yield


@contextmanager
def changes_without_locks() -> Iterator[None]:
    """A change or a withdrawal reads the voter's vote, and holds neither it nor the poll."""
    standing_vote = statements.standing_vote

    def held_poll(poll_id: UUID, using: str, *, exclusively: bool = False) -> Poll | None:
        return Poll.objects.using(using).with_clock().filter(pk=poll_id).first()

    def unlocked(poll_id: UUID, voter_key: UUID, using: str, *, locked: bool = False) -> Vote | None:
        return standing_vote(poll_id, voter_key, using)

    with ExitStack() as stack:
        stack.enter_context(swapped(statements, "held_poll", held_poll))
        stack.enter_context(swapped(statements, "standing_vote", unlocked))
        stack.enter_context(swapped(statements, "_lock_by_orm", lambda _poll_id, _using: None))
        yield


@contextmanager
def ballots_not_unique() -> Iterator[None]:
    """Whoever brings a ballot for the first time, as far as this process knows, stores it."""
    without_conflict = rewritten(statements.BALLOT, {"ON CONFLICT (poll_id, key, weight) DO NOTHING": ""})
    with without_constraint(Ballot, "django_polls_ballot_once"), swapped(statements, "BALLOT", without_conflict):
        yield


@contextmanager
def outcome_counted_before_close() -> Iterator[None]:
    """The closer counts first, then closes, and stores what it had counted."""

    def close_poll(poll: Poll) -> Poll:
        early = results.outcome_of(Poll.objects.get(pk=poll.pk)).to_json()
        closed = lifecycle._closed(poll, None, "", "default")
        PollOutcome.objects.create(poll=closed, body=early, finalised_at=database_now())
        return closed

    with swapped(lifecycle, "close_poll", close_poll):
        yield


@contextmanager
def signals_that_fail_the_vote() -> Iterator[None]:
    """A signal is sent after the commit, and what its receivers raise reaches the voter."""

    def announce(signal: Signal, using: str, *, poll: Poll, **arguments: object) -> None:
        transaction.on_commit(partial(signal.send, sender=type(poll), poll=poll, **arguments), using=using)

    with swapped(signals, "announce", announce):
        yield


@contextmanager
def signals_before_the_commit() -> Iterator[None]:
    """A signal is sent at once, in the middle of the host's transaction."""

    def announce(signal: Signal, using: str, *, poll: Poll, **arguments: object) -> None:
        signal.send_robust(sender=type(poll), poll=poll, **arguments)

    with swapped(signals, "announce", announce):
        yield


@contextmanager
def every_error_means_already_voted() -> Iterator[None]:
    """Whatever the database says, the voter is told of a vote already cast."""

    def retried(work: Callable[[], object], using: str) -> object:
        try:
            return work()
        except DatabaseError:
            raise AlreadyVoted from None

    with swapped(voting, "retried", retried):
        yield


@contextmanager
def places_without_locks() -> Iterator[None]:
    """Whoever takes a place counts the votes, and locks neither the poll nor the option."""

    def held_poll(poll_id: UUID, using: str, *, exclusively: bool = False) -> Poll | None:
        return Poll.objects.using(using).with_clock().filter(pk=poll_id).first()

    with ExitStack() as stack:
        stack.enter_context(swapped(statements, "held_poll", held_poll))
        stack.enter_context(swapped(statements, "_lock_by_orm", lambda _poll_id, _using: None))
        stack.enter_context(swapped(statements, "places_taken", _places_counted))
        stack.enter_context(swapped(statements, "votes_taken", _votes_counted))
        yield


@contextmanager
def places_counted_before_their_locks() -> Iterator[None]:
    """Whoever takes a place counts the votes, and then waits for those who are taking one (PostgreSQL)."""
    lock_places, lock_votes = statements.places_taken, statements.votes_taken

    def places_taken(poll_id: UUID, option_ids: Collection[int], using: str) -> list[tuple[PollOption, int]]:
        counted = _places_counted(poll_id, option_ids, using)
        lock_places(poll_id, option_ids, using)
        return counted

    def votes_taken(poll_id: UUID, using: str) -> int:
        counted = _votes_counted(poll_id, using)
        lock_votes(poll_id, using)
        return counted

    with swapped(statements, "places_taken", places_taken), swapped(statements, "votes_taken", votes_taken):
        yield


@contextmanager
def places_counted_before_the_vote() -> Iterator[None]:
    """Whether there is a place is found out in a transaction of its own, before that of the vote, by two voters."""
    take, cast = voting._take_a_place, voting._cast_by_steps
    takers: list[int] = []

    def cast_later(definition: Definition, wish: voting._Wish, weight: Decimal) -> Vote:
        with transaction.atomic(using=definition.using):
            take(definition, wish)
        takers.append(get_ident())
        wait_for(lambda: len(takers) > 1)
        return cast(definition, wish, weight)

    with (
        swapped(voting, "_take_a_place", lambda _definition, _wish: None),
        swapped(voting, "_cast_by_steps", cast_later),
    ):
        yield


@contextmanager
def places_locked_crosswise() -> Iterator[None]:
    """Of two voters one locks the options in the order of their ids and the other the other way round."""
    lock_places, turns, met = statements.places_taken, count(), Barrier(2, timeout=PATIENCE)

    def places_taken(poll_id: UUID, option_ids: Collection[int], using: str) -> list[tuple[PollOption, int]]:
        turn = next(turns)
        in_turn = sorted(option_ids, reverse=turn % 2 == 1)
        taken = lock_places(poll_id, in_turn[:1], using)
        if turn < met.parties:
            met.wait()
        return taken + [row for option_id in in_turn[1:] for row in lock_places(poll_id, [option_id], using)]

    with swapped(statements, "places_taken", places_taken):
        yield


@contextmanager
def votes_read_without_locks() -> Iterator[None]:
    """A change reads which places its voter has, and leaves the vote to others."""
    standing_vote = statements.standing_vote

    def unlocked(poll_id: UUID, voter_key: UUID, using: str, *, locked: bool = False) -> Vote | None:
        return standing_vote(poll_id, voter_key, using)

    with swapped(statements, "standing_vote", unlocked):
        yield


def _places_counted(poll_id: UUID, option_ids: Collection[int], using: str) -> list[tuple[PollOption, int]]:
    options = PollOption.objects.using(using).filter(poll_id=poll_id, pk__in=option_ids, capacity__isnull=False)
    return [(option, option.marks.using(using).vote_total()) for option in options]


def _votes_counted(poll_id: UUID, using: str) -> int:
    return Vote.objects.using(using).filter(poll_id=poll_id).count()
