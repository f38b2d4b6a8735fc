"""A host that a web server mounts below the root of its domain."""

from tests.projects.plain.settings import *  # noqa: F403

FORCE_SCRIPT_NAME = "/association"
