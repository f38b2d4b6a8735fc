"""Who uses the host projects, and where: whatever a host calls its users by, and wherever it is mounted."""

from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import get_script_prefix, reverse


def member(name: str, **fields: object) -> Any:  # noqa: ANN401 - whatever class of user the host has
    """Store a user."""
    user_model = get_user_model()
    return user_model._default_manager.create(**{user_model.USERNAME_FIELD: name}, **fields)


def administrator() -> Any:  # noqa: ANN401 - the same
    """Store a user who may do everything."""
    return member("admin@example.org", is_staff=True, is_superuser=True)


def logged_in(user: Any) -> Client:  # noqa: ANN401 - the same
    """Return the browser of a user."""
    browser = Client()
    browser.force_login(user)
    return browser


def guest(number: int) -> Client:
    """Return the browser of a guest, each number at an address of its own."""
    return Client(REMOTE_ADDR=f"203.0.113.{number}")


def path_of(name: str, *arguments: object) -> str:
    """Return a path as the web server hands it on: without the prefix below which it has mounted the host."""
    return "/" + reverse(name, args=arguments).removeprefix(get_script_prefix())
