"""A host that keeps its polls in a second database, with the users and groups that votes refer to."""

import os
import tempfile
from pathlib import Path

from tests.projects.plain.settings import *  # noqa: F403
from tests.projects.plain.settings import DATABASES as PLAIN_DATABASES

DEFAULT = PLAIN_DATABASES["default"]
SQLITE_FILE = str(Path(tempfile.gettempdir(), f"django_polls_{os.getpid()}_second.sqlite3"))
TEST = {"NAME": SQLITE_FILE} if DEFAULT["ENGINE"] == "django.db.backends.sqlite3" else DEFAULT["TEST"]

DATABASES = {"default": DEFAULT, "polls": {**DEFAULT, "NAME": f"{DEFAULT['NAME']}_second", "TEST": TEST}}
DATABASE_ROUTERS = ["tests.projects.two_databases.routers.PollsRouter"]
