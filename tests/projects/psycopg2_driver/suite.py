"""The driver is the one that this host is about."""

from django.db import connection
from django.db.backends.postgresql.psycopg_any import is_psycopg3


def test_driver_is_psycopg2() -> None:
    assert (connection.vendor, is_psycopg3) == ("postgresql", False)
