"""A database server whose sessions begin in a zone that nothing else uses: Kolkata, five and a half hours ahead."""

from collections.abc import Mapping
from typing import Any

SESSION_OPTIONS = {
    "django.db.backends.postgresql": {"options": "-c timezone=Asia/Kolkata"},
    "django.db.backends.mysql": {"init_command": "SET time_zone = '+05:30'"},
}


def in_zone(database: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of this database with sessions in that zone; SQLite has no sessions, and reads UTC."""
    return {**database, "OPTIONS": {**database["OPTIONS"], **SESSION_OPTIONS.get(database["ENGINE"], {})}}
