"""Turn a `DATABASE_URL` into Django's settings and back; SQLite where there is none."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

BACKENDS = {
    "sqlite": "sqlite3",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}
SCHEMES = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql"}


def from_environment() -> dict[str, object]:
    """Return the settings of the database that `DATABASE_URL` names, or of an SQLite file of this process."""
    return from_url(os.environ.get("DATABASE_URL") or "sqlite:///:memory:")


def from_url(url: str) -> dict[str, object]:
    """Return Django's settings for `scheme://user:password@host:port/name?option=value`.

    A socket is given as `?host=/its/directory`. Raises KeyError for a scheme that is not supported.
    """
    parts = urlsplit(url)
    backend = BACKENDS[parts.scheme]
    name = unquote(parts.path.removeprefix("/"))
    if backend == "sqlite3":
        return sqlite(name)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": f"django.db.backends.{backend}",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "TEST": {"CHARSET": "utf8mb4"} if backend == "mysql" else {},
    }


def sqlite(name: str) -> dict[str, object]:
    """Return settings for SQLite; its test database is a file, so that threads and processes can share it."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # The tests kill processes, never the machine: waiting for the disk would prove nothing more.
            "init_command": "PRAGMA synchronous=OFF",
        },
        "TEST": {"NAME": str(Path(tempfile.gettempdir(), f"django_polls_{os.getpid()}.sqlite3"))},
    }


def url_of(connection: BaseDatabaseWrapper) -> str:
    """Return the URL with which a process that a test starts uses the database of this connection."""
    settings = connection.settings_dict
    scheme = SCHEMES[connection.vendor]
    if scheme == "sqlite":
        return f"sqlite:///{quote(settings['NAME'])}"
    login = ":".join(quote(settings[key], safe="") for key in ("USER", "PASSWORD"))
    port = f":{settings['PORT']}" if settings["PORT"] else ""
    query = urlencode({**settings["OPTIONS"], "host": settings["HOST"]})
    return f"{scheme}://{login}@{port}/{quote(settings['NAME'])}?{query}"


@contextmanager
def without_cast_function(*, known: bool = False) -> Iterator[None]:
    """Take the function that casts votes away from PostgreSQL, as where tables were made without migrations.

    `known` leaves the process in the belief that it is there.
    """
    from django_polls import statements  # noqa: PLC0415  the settings read this module, before there are models

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('django_polls_cast_vote'::regproc)")
        function = cursor.fetchone()[0]
        cursor.execute("DROP FUNCTION django_polls_cast_vote")
    if not known:
        statements.has_cast_function.cache_clear()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(function)
        statements.has_cast_function.cache_clear()
