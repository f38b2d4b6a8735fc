"""A host as `startproject` makes it, with `django_polls` added and nothing else: what the others are compared with."""

from tests.settings import *  # noqa: F403

ROOT_URLCONF = "tests.projects.urls"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_polls",
]
REST_FRAMEWORK = {}
