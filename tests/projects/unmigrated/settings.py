"""A host whose tests make the tables without migrations, as many do to start faster."""

from tests.projects.plain.settings import *  # noqa: F403

MIGRATION_MODULES = dict.fromkeys(["admin", "auth", "contenttypes", "django_polls", "sessions"])
