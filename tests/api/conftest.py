"""Who asks in the tests of the API, and what they ask about."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache

from django_polls import definitions
from django_polls.throttles import breaker
from tests.api.documented import DocumentedClient
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """Start every test as a new process would: nothing counted, nothing known of any poll."""
    cache.clear()
    breaker.reset()
    definitions._kept.clear()


@pytest.fixture
def guest() -> DocumentedClient:
    return DocumentedClient()


@pytest.fixture
def owner() -> User:
    """Somebody who may create polls."""
    user = UserFactory(username="owner")
    user.user_permissions.add(Permission.objects.get(codename="add_poll"))
    return user


def client_of(user: User | None) -> DocumentedClient:
    """Return a client that this user is logged in with, by a session; None is a guest."""
    client = DocumentedClient()
    if user is not None:
        client.force_login(user)
    return client
