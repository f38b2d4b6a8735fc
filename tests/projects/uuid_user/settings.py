"""A host whose users have a UUID for a key, and an e-mail address instead of a name."""

from tests.projects.plain.settings import *  # noqa: F403
from tests.projects.plain.settings import INSTALLED_APPS as PLAIN_APPS

INSTALLED_APPS = [*PLAIN_APPS, "tests.projects.uuid_user"]
AUTH_USER_MODEL = "uuid_user.Member"
