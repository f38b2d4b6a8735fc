"""Run a verb's work again where the database asks for it, and say so plainly where it did not answer in time."""

from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connections

from django_polls.exceptions import TryAgain

T = TypeVar("T")

ATTEMPTS = 4

# SQLSTATE: serialization failure and deadlock. MariaDB: deadlock.
_RETRIED = {"40001", "40P01", 1213}
# Classes of SQLSTATE: connection, resources (disk, memory, connections), state of an object (locks), operator
# intervention (shutdown, cancelled by a time limit). MariaDB: lock wait, too many connections, no server, lost server.
_TEMPORARY_CLASSES = {"08", "53", "55", "57"}
_TEMPORARY = {1205, 1040, 2002, 2003, 2006, 2013}


def retried(work: Callable[[], T], using: str) -> T:
    """Return what the work returns; it is called again after a deadlock or a serialization failure.

    Never inside the host's own transaction, which the failure has ended: it can then only be rolled back, and begun
    anew. Raises TryAgain where the database was busy, full or away: the work may then have been done or not, and doing
    it again is safe.
    """
    connection = connections[using]
    attempts = 1 if connection.in_atomic_block else ATTEMPTS
    while True:
        attempts -= 1
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            again = _code(error) in _RETRIED
            if again and attempts:
                continue
            if again or is_temporary(error):
                if connection.in_atomic_block:
                    # PostgreSQL answers the COMMIT of a failed transaction by rolling back, and nobody would know.
                    connection.set_rollback(True)
                raise TryAgain from error
            raise


def is_temporary(error: Exception) -> bool:
    """Whether the database was busy, full or away, rather than asked for something that it cannot do."""
    code = _code(error)
    if code is None:
        # psycopg gives no SQLSTATE where there is no server; SQLite gives words.
        return isinstance(error, InterfaceError) or "locked" in str(error) or _is_from_psycopg(error)
    return code in _TEMPORARY or str(code)[:2] in _TEMPORARY_CLASSES


def _code(error: Exception) -> str | int | None:
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if state is None and cause is not None and cause.args and isinstance(cause.args[0], int):
        return cause.args[0]
    return state if isinstance(state, str) else None


def _is_from_psycopg(error: Exception) -> bool:
    return type(error.__cause__).__module__.startswith("psycopg")
