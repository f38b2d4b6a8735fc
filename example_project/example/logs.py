"""A log format that keeps voters apart from votes even when something breaks."""

import logging
from types import TracebackType

ExceptionInformation = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Formatter(logging.Formatter):
    """Django's errors as they are, but for the lines in which PostgreSQL quotes the whole row at fault."""

    def formatException(self, ei: ExceptionInformation) -> str:  # noqa: N802 - logging's name
        """Leave out `DETAIL: Failing row contains (...)`: it would print a voter's key beside the ballot."""
        lines = super().formatException(ei).splitlines()
        return "\n".join(line for line in lines if not line.startswith("DETAIL:"))
