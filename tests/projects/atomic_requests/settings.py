"""A host that wraps each request in a transaction."""

from tests.projects.plain.settings import *  # noqa: F403
from tests.projects.plain.settings import DATABASES as PLAIN_DATABASES

DATABASES = {"default": {**PLAIN_DATABASES["default"], "ATOMIC_REQUESTS": True}}
