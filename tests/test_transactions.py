"""Work that the database asks to have again, and what is said where it did not answer."""

from collections.abc import Callable

import pytest
from django.db import InterfaceError, OperationalError, transaction

from django_polls.exceptions import TryAgain
from django_polls.transactions import retried


class Psycopg3Error(Exception):
    def __init__(self, state: str | None) -> None:
        super().__init__("words")
        self.sqlstate = state


class Psycopg2Error(Exception):
    def __init__(self, state: str) -> None:
        super().__init__("words")
        self.pgcode = state


class NoServer(Exception):
    """What psycopg raises where it cannot connect: without a state."""


NoServer.__module__ = "psycopg.errors"


def failing(causes: list[Exception], error: type[Exception] = OperationalError) -> Callable[[], str]:
    """Return work that fails once for each cause, and then succeeds."""
    left = list(causes)

    def work() -> str:
        if left:
            cause = left.pop(0)
            raise error(str(cause)) from cause
        return "done"

    return work


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "cause", [Psycopg3Error("40001"), Psycopg3Error("40P01"), Psycopg2Error("40P01"), Exception(1213)]
)
def test_retried_repeats_deadlocks_and_serialization_failures(cause: Exception) -> None:
    assert retried(failing([cause] * 3), "default") == "done"
    with pytest.raises(TryAgain):
        retried(failing([cause] * 4), "default")


@pytest.mark.django_db
def test_retried_leaves_the_host_s_transaction_to_the_host() -> None:
    with transaction.atomic(), pytest.raises(TryAgain):
        retried(failing([Psycopg3Error("40001")]), "default")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cause",
    [
        Psycopg3Error("55P03"),
        Psycopg3Error("57014"),
        Psycopg3Error("57P01"),
        Psycopg3Error("53100"),
        Psycopg3Error("53300"),
        Psycopg3Error("08006"),
        Psycopg2Error("55P03"),
        NoServer("connection refused"),
        Exception(1205, "Lock wait timeout exceeded"),
        Exception(2006, "Server has gone away"),
        Exception("database is locked"),
    ],
)
def test_retried_says_try_again_where_the_database_was_busy_full_or_away(cause: Exception) -> None:
    with pytest.raises(TryAgain):
        retried(failing([cause]), "default")


@pytest.mark.django_db
def test_retried_says_try_again_after_a_lost_connection() -> None:
    with pytest.raises(TryAgain):
        retried(failing([Exception("connection already closed")], InterfaceError), "default")


@pytest.mark.django_db
@pytest.mark.parametrize("cause", [Psycopg3Error("42P01"), Exception("no such table"), Exception(1146)])
def test_retried_hides_no_mistake_of_ours(cause: Exception) -> None:
    with pytest.raises(OperationalError):
        retried(failing([cause]), "default")
