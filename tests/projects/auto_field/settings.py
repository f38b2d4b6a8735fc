"""A host whose own models have small keys, among them one that refers to a poll."""

from tests.projects.plain.settings import *  # noqa: F403
from tests.projects.plain.settings import INSTALLED_APPS as PLAIN_APPS

DEFAULT_AUTO_FIELD = "django.db.models.SmallAutoField"
INSTALLED_APPS = [*PLAIN_APPS, "tests.projects.auto_field"]
