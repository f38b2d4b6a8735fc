"""A host that stores local times, in another language, with a database session in another zone than either."""

from tests.projects.plain.settings import *  # noqa: F403
from tests.projects.plain.settings import DATABASES as PLAIN_DATABASES
from tests.projects.plain.settings import MIDDLEWARE as PLAIN_MIDDLEWARE
from tests.projects.zones import in_zone

USE_TZ = False
TIME_ZONE = "America/New_York"
LANGUAGE_CODE = "de"
USE_THOUSAND_SEPARATOR = True
MIDDLEWARE = [*PLAIN_MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
DATABASES = {"default": in_zone(PLAIN_DATABASES["default"])}
