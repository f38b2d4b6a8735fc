"""A progress bar on a terminal, and nothing anywhere else: neither in a log nor in a pipe."""

import sys
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TextIO

BAR_LENGTH = 30
SECONDS_BETWEEN_DRAWINGS = 0.1


@dataclass(slots=True)
class Progress:
    """How much of a long work is done, drawn on one line while its block runs."""

    label: str
    total: int
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    done: int = field(default=0, init=False)
    _started: float = field(default_factory=time.monotonic, init=False)
    _drawn: float = field(default=0.0, init=False)

    def __enter__(self) -> Self:
        self._draw()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._draw()
        if self.stream.isatty():
            self.stream.write("\n")

    def advance(self, count: int = 1) -> None:
        """Count this much as done, and show it unless the line is fresh."""
        self.done += count
        if time.monotonic() - self._drawn >= SECONDS_BETWEEN_DRAWINGS:
            self._draw()

    def _draw(self) -> None:
        if not self.stream.isatty():
            return
        self._drawn = time.monotonic()
        self.stream.write(f"\r{self}")
        self.stream.flush()

    def __str__(self) -> str:
        share = min(self.done / self.total, 1) if self.total else 1
        bar = "#" * int(share * BAR_LENGTH)
        seconds = time.monotonic() - self._started
        return f"{self.label} [{bar:.<{BAR_LENGTH}}] {self.done}/{self.total} ({seconds:.0f} s)"
