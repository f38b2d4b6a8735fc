"""A host that still talks to PostgreSQL by psycopg2."""

import sys

from tests.projects.plain.settings import *  # noqa: F403

# Django prefers psycopg 3 where it can be imported: here it cannot.
sys.modules["psycopg"] = None  # type: ignore[assignment]
