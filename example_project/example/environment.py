"""What the environment variables say: the database, the secret key, and lists."""

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

SECONDS_TO_KEEP_A_CONNECTION = 60


def required(name: str) -> str:
    """Return the value of a variable. Raises ImproperlyConfigured where it is not set."""
    if value := os.environ.get(name):
        return value
    raise ImproperlyConfigured(f"Set {name}: a production site, which DJANGO_DEBUG=0 makes, needs it.")


def words(text: str) -> list[str]:
    """Return the words of a list that has commas between them."""
    return [word.strip() for word in text.split(",") if word.strip()]


def database(url: str) -> dict[str, object]:
    """Return Django's settings for `sqlite:///a/file` or `postgres://user:password@host:port/name?option=value`.

    A socket is given as `?host=/its/directory`. Raises ImproperlyConfigured for another scheme.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(unquote(parts.path.removeprefix("/")))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:// or postgres://")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": SECONDS_TO_KEEP_A_CONNECTION,
        "CONN_HEALTH_CHECKS": True,
        # Without a limit, whoever waits for a lock holds a worker for as long as the other pleases.
        "OPTIONS": {"options": "-c lock_timeout=3s", **options},
    }


def _sqlite(name: str) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "OPTIONS": {
            # A transaction that reads before it writes would fail, not wait, where another has written meanwhile.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL",
        },
    }


def secret_key(file: Path) -> str:
    """Return the key in this file, made at the first use and readable by its owner alone."""
    with suppress(FileExistsError), open(file, "x", encoding="ascii", opener=_private) as draft:
        draft.write(get_random_secret_key())
    return file.read_text(encoding="ascii")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
