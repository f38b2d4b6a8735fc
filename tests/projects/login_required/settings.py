"""A host all of whose views demand a login, unless they say otherwise."""

from tests.projects.plain.settings import *  # noqa: F403
from tests.projects.plain.settings import MIDDLEWARE as PLAIN_MIDDLEWARE

MIDDLEWARE = [*PLAIN_MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
LOGIN_URL = "admin:login"
