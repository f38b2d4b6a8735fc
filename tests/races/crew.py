"""Threads that start at the same instant, each with a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from types import TracebackType
from typing import Self

from django.db import connection, connections

from django_polls.exceptions import PollError

#: How many seconds a thread waits for another, or for a lock, before the race counts as hung.
PATIENCE = 20

WAIT_LIMITS = {
    "postgresql": f"SET lock_timeout = '{PATIENCE}s'",
    "mysql": f"SET SESSION innodb_lock_wait_timeout = {PATIENCE}",
}


class Crew:
    """A number of threads that live through many rounds, so that a round costs no new connections."""

    def __init__(self, size: int, *, uses_database: bool = True) -> None:
        self.size = size
        self._pool = ThreadPoolExecutor(size, initializer=_limit_waiting if uses_database else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.race(*[connections.close_all] * self.size)
        self._pool.shutdown()

    def race(self, *jobs: Callable[[], object]) -> list[object]:
        """Run each job in a thread of its own, all from one instant on; return what each returned or raised."""
        start = Barrier(len(jobs), timeout=PATIENCE)
        running = [self._pool.submit(_result, start, job) for job in jobs]
        return [job.result(3 * PATIENCE) for job in running]


def _result(start: Barrier, job: Callable[[], object]) -> object:
    start.wait()
    try:
        return job()
    except Exception as error:  # noqa: BLE001 - a race judges every error, expected or not
        return error


def _limit_waiting() -> None:
    """Make a statement of this thread fail rather than wait for ever, so that a deadlock fails a race."""
    if limit := WAIT_LIMITS.get(connection.vendor):
        with connection.cursor() as cursor:
            cursor.execute(limit)


def unexpected(results: list[object], *expected: type[PollError]) -> list[str]:
    """Return those results that are errors, but not refusals of an expected kind."""
    errors = [result for result in results if isinstance(result, Exception) and not isinstance(result, expected)]
    return [f"unexpected {type(error).__name__}: {error}" for error in errors]


def repeated(job: Callable[[], object], times: int) -> Callable[[], list[object]]:
    """Return a job that does another one several times, and returns what each time returned or raised."""
    return partial(_repeated, job, times)


def _repeated(job: Callable[[], object], times: int) -> list[object]:
    results: list[object] = []
    for _time in range(times):
        try:
            results.append(job())
        except PollError as refusal:
            results.append(refusal)
    return results
