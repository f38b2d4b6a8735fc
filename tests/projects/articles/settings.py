"""A magazine whose articles carry polls."""

from tests.projects.plain.settings import *  # noqa: F403
from tests.projects.plain.settings import INSTALLED_APPS as PLAIN_APPS

ROOT_URLCONF = "tests.projects.articles.urls"
INSTALLED_APPS = [*PLAIN_APPS, "tests.projects.articles"]
