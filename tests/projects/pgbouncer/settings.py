"""A host behind PgBouncer in transaction mode, with the settings that Django asks for then."""

from tests.projects.plain.settings import *  # noqa: F403
from tests.projects.plain.settings import DATABASES as PLAIN_DATABASES

DATABASES = {
    "default": {**PLAIN_DATABASES["default"], "DISABLE_SERVER_SIDE_CURSORS": True, "CONN_MAX_AGE": 60},
}
