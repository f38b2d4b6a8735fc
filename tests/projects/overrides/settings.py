"""A host with a policy, a voting method, a serializer and pages of its own."""

from tests.projects.plain.settings import *  # noqa: F403
from tests.projects.plain.settings import INSTALLED_APPS as PLAIN_APPS

ROOT_URLCONF = "tests.projects.overrides.urls"
# The club's own app comes first, so that its templates replace those of the same name.
INSTALLED_APPS = ["tests.projects.overrides", *PLAIN_APPS, "drf_spectacular"]
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}

DJANGO_POLLS_POLICY = "tests.projects.overrides.policies.ClubPolicy"
DJANGO_POLLS_METHODS = [
    "django_polls.methods.approval.SingleChoice",
    "django_polls.methods.approval.Approval",
    "tests.projects.overrides.methods.LeastObjections",
]
