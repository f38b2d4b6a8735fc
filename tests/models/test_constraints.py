"""The database itself refuses what must never be stored: raw INSERTs that no Python has looked at."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from django_polls.models import Ballot, LedgerEntry, Mark, Poll, PollOption, PollOutcome, Vote
from django_polls.models.constraints import CompositeForeignKey
from tests.factories import PollFactory

pytestmark = pytest.mark.django_db
at_the_commit = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
GONE = UUID("00000000-0000-4000-8000-000000000000")


def insert(model: type[Model], **values: object) -> None:
    """Insert one row by SQL alone, in a transaction of its own."""
    fields = [model._meta.get_field(name) for name in values]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table, places = connection.ops.quote_name(model._meta.db_table), ", ".join(["%s"] * len(fields))
    stored = [field.get_db_prep_save(value, connection) for field, value in zip(fields, values.values(), strict=True)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", stored)


class World:
    """Two polls with an option and a ballot each, put there by INSERTs of the same kind."""

    def __init__(self) -> None:
        self.polls = [PollFactory(), PollFactory()]
        self.options = [poll.options.first() for poll in self.polls]
        for poll, pk in zip(self.polls, (11, 22), strict=True):
            insert(Ballot, id=pk, poll=poll.pk, key=f"{pk:064}", weight=Decimal(1), body="", counted=0)

    def mark(self, **changes: object) -> dict[str, object]:
        return {"poll": self.polls[0].pk, "ballot": 11, "option": self.options[0].pk, "rank": None} | changes

    def vote(self, **changes: object) -> dict[str, object]:
        return {"poll": self.polls[0].pk, "voter_key": uuid4(), "ballot": 11, "cast_at": NOW} | changes


def stored() -> list[int]:
    return [model.objects.count() for model in (Poll, PollOption, PollOutcome, Ballot, Mark, Vote, LedgerEntry)]


@at_the_commit
def test_rows_that_are_right_are_taken() -> None:
    world = World()

    insert(Mark, **world.mark(rank=1))
    insert(Vote, **world.vote())
    insert(Vote, **world.vote(ballot=None, cast_at=None))
    insert(LedgerEntry, ballot=11, delta=-1)

    assert stored() == [2, 4, 0, 2, 1, 2, 1]


@at_the_commit
@pytest.mark.parametrize("field", ["option", "ballot", "poll"])
def test_mark_across_two_polls_is_refused(field: str) -> None:
    world = World()
    of_the_other = {"option": world.options[1].pk, "ballot": 22, "poll": world.polls[1].pk}

    with pytest.raises(IntegrityError):
        insert(Mark, **world.mark(**{field: of_the_other[field]}))

    assert stored() == [2, 4, 0, 2, 0, 0, 0]


@at_the_commit
@pytest.mark.parametrize(("field", "missing"), [("option", 2**40), ("ballot", 1), ("poll", GONE)])
def test_mark_of_what_is_not_there_is_refused(field: str, missing: object) -> None:
    world = World()

    with pytest.raises(IntegrityError):
        insert(Mark, **world.mark(**{field: missing}))

    assert stored() == [2, 4, 0, 2, 0, 0, 0]


def test_mark_of_rank_0_is_refused() -> None:
    world = World()

    with pytest.raises(IntegrityError):
        insert(Mark, **world.mark(rank=0))

    assert stored() == [2, 4, 0, 2, 0, 0, 0]


def test_second_mark_of_an_option_is_refused() -> None:
    world = World()
    insert(Mark, **world.mark())

    with pytest.raises(IntegrityError):
        insert(Mark, **world.mark(rank=2))

    assert stored() == [2, 4, 0, 2, 1, 0, 0]


@at_the_commit
@pytest.mark.parametrize("ballot", [22, 33])
def test_vote_for_no_ballot_of_its_poll_is_refused(ballot: int) -> None:
    world = World()

    with pytest.raises(IntegrityError):
        insert(Vote, **world.vote(ballot=ballot))

    assert stored() == [2, 4, 0, 2, 0, 0, 0]


@at_the_commit
def test_vote_in_no_poll_is_refused() -> None:
    world = World()

    with pytest.raises(IntegrityError):
        insert(Vote, **world.vote(poll=GONE, ballot=None))

    assert stored() == [2, 4, 0, 2, 0, 0, 0]


def test_second_vote_of_a_voter_is_refused() -> None:
    world = World()
    vote = world.vote()
    insert(Vote, **vote)

    with pytest.raises(IntegrityError):
        insert(Vote, **vote | {"ballot": None})
    insert(Vote, **vote | {"poll": world.polls[1].pk, "ballot": 22})

    assert stored() == [2, 4, 0, 2, 0, 2, 0]


@pytest.mark.parametrize("weight", [Decimal(0), Decimal(-1)])
def test_ballot_of_no_weight_is_refused(weight: Decimal) -> None:
    world = World()

    with pytest.raises(IntegrityError):
        insert(Ballot, id=33, poll=world.polls[0].pk, key="3" * 64, weight=weight, body="", counted=0)

    assert stored() == [2, 4, 0, 2, 0, 0, 0]


def test_second_ballot_of_the_same_key_and_weight_is_refused() -> None:
    world = World()
    same = {"poll": world.polls[0].pk, "key": f"{11:064}", "body": "", "counted": 0}

    with pytest.raises(IntegrityError):
        insert(Ballot, id=33, weight=Decimal(1), **same)
    insert(Ballot, id=44, weight=Decimal(2), **same)

    assert stored() == [2, 4, 0, 3, 0, 0, 0]


@at_the_commit
@pytest.mark.parametrize(("ballot", "delta"), [(11, 2), (11, 0), (11, -2), (33, 1)])
def test_ledger_entry_that_counts_no_vote_is_refused(ballot: int, delta: int) -> None:
    World()

    with pytest.raises(IntegrityError):
        insert(LedgerEntry, ballot=ballot, delta=delta)

    assert stored() == [2, 4, 0, 2, 0, 0, 0]


def test_second_option_of_the_same_text_is_refused() -> None:
    option = World().options[0]

    with pytest.raises(IntegrityError):
        insert(PollOption, poll=option.poll_id, text="Another", text_key=option.text_key, position=9)

    assert stored() == [2, 4, 0, 2, 0, 0, 0]


@at_the_commit
@pytest.mark.parametrize("changes", [{"text": ""}, {"text_key": ""}, {"poll": GONE}, {"capacity": 0}])
def test_option_without_words_poll_or_places_is_refused(changes: dict[str, object]) -> None:
    poll = World().polls[0]

    with pytest.raises(IntegrityError):
        insert(PollOption, **{"poll": poll.pk, "text": "New", "text_key": "new", "position": 9} | changes)

    assert stored() == [2, 4, 0, 2, 0, 0, 0]


def test_second_outcome_of_a_poll_is_refused() -> None:
    poll = World().polls[0]
    insert(PollOutcome, poll=poll.pk, body="{}", finalised_at=NOW)

    with pytest.raises(IntegrityError):
        insert(PollOutcome, poll=poll.pk, body="{}", finalised_at=NOW)

    assert stored() == [2, 4, 1, 2, 0, 0, 0]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"description": "x" * 5_001},
        {"correction": "x" * 5_001},
        {"min_options": 2, "max_options": 1},
        {"min_options": 0, "max_options": 0},
        {"opens_at": NOW, "expires_at": NOW},
        {"close_reason": "because"},
        {"electorate": "permission"},
        {"revision": 0},
        {"visibility": "sometimes"},
        {"electorate": "everybody"},
        {"guest_identity": "name"},
        {"vote_change": "always"},
        {"vote_withdrawal": "always"},
        {"max_ranks": 0},
        {"points": 0},
        {"max_points": 0},
        {"quorum": 0},
        {"quorum": 1, "quorum_share": "1/2"},
        {"max_votes": 0},
        {"seats": 0},
        {"min_score": 5, "max_score": 5},
        {"quota": "imperiali"},
        {"reasons": "sometimes"},
        {"final_ties": "coin"},
    ],
    ids="-".join,
)
def test_poll_that_breaks_a_rule_of_one_row_is_refused(changes: dict[str, object]) -> None:
    right = {field.name: field.get_default() for field in Poll._meta.concrete_fields} | {"title": "New"}
    insert(Poll, **right)

    with pytest.raises(IntegrityError):
        insert(Poll, **right | {"id": uuid4()} | changes)

    assert stored() == [1, 0, 0, 0, 0, 0, 0]


@at_the_commit
def test_option_that_a_ballot_marks_stays() -> None:
    world = World()
    insert(Mark, **world.mark())

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_polls_polloption WHERE id = %s", [world.options[0].pk])

    assert stored() == [2, 4, 0, 2, 1, 0, 0]


def test_every_composite_key_is_in_the_database() -> None:
    declared = {
        (model._meta.db_table, constraint.name)
        for model in (Mark, Vote)
        for constraint in model._meta.constraints
        if isinstance(constraint, CompositeForeignKey)
    }

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
            tables = dict(cursor.fetchall())
            found = {(table, name) for table, name in declared if f'CONSTRAINT "{name}" FOREIGN KEY' in tables[table]}
        else:
            cursor.execute(
                "SELECT table_name, constraint_name FROM information_schema.table_constraints "
                "WHERE constraint_type = 'FOREIGN KEY'"
            )
            found = set(cursor.fetchall()) & declared

    assert found == declared
