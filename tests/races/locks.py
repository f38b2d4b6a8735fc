"""Who waits for a lock: so that a test goes on when a thread is blocked, and neither sleeps nor guesses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Lock
from typing import Any

from django.db import connection

from django_polls.models.clock import database_now
from tests.races.crew import PATIENCE

BLOCKED = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
A_WHILE = 0.002


class Watch:
    """Tells how many threads wait for a lock.

    PostgreSQL shows it. SQLite does not, and MariaDB too late: there whoever asks for a lock is taken to wait.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._asking = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Notice when this thread asks for a lock."""
        with connection.execute_wrapper(self._notice):
            yield

    def _notice(self, execute: Callable[..., object], sql: str, *arguments: Any) -> object:
        if sql.startswith("BEGIN") or "FOR UPDATE" in sql:
            with self._lock:
                self._asking += 1
        return execute(sql, *arguments)

    def blocked(self) -> int:
        """Return how many threads wait now."""
        if connection.vendor != "postgresql":
            return self._asking
        with connection.cursor() as cursor:
            cursor.execute(BLOCKED)
            return int(cursor.fetchone()[0])


def wait_for(condition: Callable[[], bool]) -> None:
    """Return once the condition holds. Raises TimeoutError when nobody makes it true."""
    for _look in range(int(PATIENCE / A_WHILE)):
        if condition():
            return
        Event().wait(A_WHILE)
    raise TimeoutError


def wait_until(time: datetime) -> None:
    """Return when it is this time by the database's clock."""
    wait_for(lambda: database_now() >= time)
