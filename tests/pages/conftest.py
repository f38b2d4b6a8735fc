"""Who looks at the pages in the tests."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from django_polls import definitions
from django_polls.models import Poll
from tests.factories import UserFactory
from tests.pages.browser import Browser


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """Start every test as a new process would: nothing known of any poll."""
    definitions._kept.clear()


@pytest.fixture
def owner() -> User:
    """Somebody who may create polls."""
    user = UserFactory(username="owner")
    user.user_permissions.add(Permission.objects.get(codename="add_poll"))
    return user


def guest(number: int = 1) -> Browser:
    """Return the browser of a guest of this number's address."""
    return Browser(f"192.0.2.{number}")


def logged_in(user: User) -> Browser:
    """Return a browser in which this user is logged in."""
    browser = Browser()
    browser.client.force_login(user)
    return browser


def url_of(name: str, poll: Poll | None = None) -> str:
    """Return the address of a page."""
    return reverse(f"django_polls:{name}", args=[poll.pk] if poll else [])
