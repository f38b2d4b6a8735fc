"""A host in one zone, whose database stores times of a second one, with a session in a third."""

from tests.projects.plain.settings import *  # noqa: F403
from tests.projects.plain.settings import DATABASES as PLAIN_DATABASES
from tests.projects.zones import in_zone

TIME_ZONE = "Asia/Tehran"
LANGUAGE_CODE = "fa"
DATABASES = {"default": {**in_zone(PLAIN_DATABASES["default"]), "TIME_ZONE": "Pacific/Auckland"}}
