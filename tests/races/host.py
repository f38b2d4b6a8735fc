"""The settings of the served host: voters are told apart by forwarded addresses, and connections live on."""

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
DJANGO_POLLS_TRUSTED_PROXY_COUNT = 1
DJANGO_POLLS_THROTTLE_RATES = {"vote": None, "create": None}
