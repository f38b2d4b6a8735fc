"""The example site under its strict policy, on a file of the tests, in the language that a browser asks for."""

from example.settings import *  # noqa: F403
from example.settings import MIDDLEWARE as EXAMPLE_MIDDLEWARE
from tests import databases

DATABASES = {"default": databases.from_url("sqlite:///:memory:")}
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
DJANGO_POLLS_PAGE_SIZE = 100
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MIDDLEWARE = [*EXAMPLE_MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
