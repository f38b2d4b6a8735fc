"""The example site under its strict policy, on a database of the tests."""

from example.settings import *  # noqa: F403
from tests import databases

DATABASES = {"default": databases.from_url("sqlite:///:memory:")}
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
DJANGO_POLLS_PAGE_SIZE = 100
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
