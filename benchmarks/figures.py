"""Medians of interleaved rounds, their ratios, and the Markdown that shows them."""

import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

import django
from django.db import connection

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Spread:
    """What one candidate showed, round by round."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Return the spread of these values."""
        return cls(tuple(values))

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    def over(self, other: "Spread") -> "Spread":
        """Return the ratios to another candidate, each within its round: what slows one down slows both."""
        return Spread(tuple(mine / its for mine, its in zip(self.values, other.values, strict=True)))

    def __format__(self, spec: str) -> str:
        low, high = min(self.values), max(self.values)
        return f"{self.median:{spec}} ({low:{spec}} to {high:{spec}})"


def interleaved(candidates: Sequence[str], rounds: int) -> Iterator[str]:
    """Yield every candidate once a round, in an order that turns, so that none always follows the same other."""
    for number in range(rounds):
        turn = number % len(candidates)
        yield from [*candidates[turn:], *candidates[:turn]]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def verdict(*, met: bool) -> str:
    """Return the word that says whether a goal was met."""
    return "met" if met else "**missed**"


def system() -> str:
    """Return one line on what runs Python."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"Django {django.get_version()}"
    )


def machine() -> str:
    """Return one line on what the figures were measured with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('synchronous_commit')")
        server, commit = cursor.fetchone()
        cursor.execute("SELECT current_setting('fsync'), current_setting('shared_buffers')")
        fsync, buffers = cursor.fetchone()
    return (
        f"{system()}, PostgreSQL {server.split()[0]} (synchronous_commit {commit}, fsync {fsync}, "
        f"shared_buffers {buffers}), client and server on one machine"
    )
