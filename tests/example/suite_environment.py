"""What the example reads from the environment, and what it writes into its log."""

import logging

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from example.environment import database, words
from example.logs import Formatter


def test_database_of_sqlite() -> None:
    assert database("sqlite:////a/polls%20of%20ours.sqlite3") == {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "/a/polls of ours.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"},
    }


def test_database_of_postgresql() -> None:
    assert database("postgres://us%40er:se%3Acret@db.example:5433/polls?sslmode=require") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "polls",
        "USER": "us@er",
        "PASSWORD": "se:cret",
        "HOST": "db.example",
        "PORT": "5433",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": "-c lock_timeout=3s", "sslmode": "require"},
    }


def test_database_by_a_socket() -> None:
    assert database("postgresql:///polls?host=/run/postgresql")["HOST"] == "/run/postgresql"


def test_database_of_another_kind_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="sqlite:// or postgres://"):
        database("oracle://db/polls")


def test_words_are_apart_by_commas() -> None:
    assert words("a.example, b.example,,") == ["a.example", "b.example"]


def test_log_leaves_out_the_row_at_fault() -> None:
    error = ValueError("null value in a column\nDETAIL:  Failing row contains (1, the-voter, the-ballot).")
    record = logging.LogRecord("django", logging.ERROR, __file__, 1, "Broken", None, (ValueError, error, None))

    lines = Formatter("{message}", style="{").format(record).splitlines()

    assert lines == ["Broken", "ValueError: null value in a column"]


def test_log_holds_no_sql_and_mails_nothing() -> None:
    handlers = {
        type(handler) for name in ("django", "django.request", "") for handler in logging.getLogger(name).handlers
    }

    assert not logging.getLogger("django.db.backends").isEnabledFor(logging.DEBUG)
    assert "mail_admins" not in settings.LOGGING["handlers"]
    assert not [handler for handler in handlers if "Mail" in handler.__name__]
