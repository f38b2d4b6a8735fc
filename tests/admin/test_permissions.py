"""Who may do what in the admin: every address is sent every forged form, and the tables are compared."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from django_polls import identity, lifecycle
from django_polls.models import Poll
from django_polls.policies import Policy, owns
from tests.admin.people import logged_in, poll_form, staff, stored, superuser, url, vote
from tests.factories import PollFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ACTIONS = ("open_polls", "close_polls", "copy_polls", "export_results", "delete_selected")

Forged = tuple[str, dict[str, object]]


class NobodyMay(Policy):
    """A policy that keeps polls from everybody's hands."""

    def may_create(self, user: identity.User) -> bool:
        return False

    def may_manage(self, user: identity.User, poll: Poll) -> bool:
        return False

    def may_delete(self, user: identity.User, poll: Poll) -> bool:
        return False


def evidence() -> Iterator[Forged]:
    """Yield forged requests that would change votes and outcomes."""
    poll = PollFactory(title="Closed")
    (cast, _user), (other, _other) = vote(poll), vote(PollFactory(title="Elsewhere"))
    lifecycle.close_poll(poll)
    form: dict[str, object] = {
        "poll": str(poll.pk),
        "ballot": other.ballot_id,
        "voter": "",
        "voter_key": "",
        "body": "{}",
        "post": "yes",
    }
    for name, pk in (("vote", cast.pk), ("polloutcome", poll.pk)):
        yield url(f"{name}_add"), form
        yield url(f"{name}_change", pk), form
        yield url(f"{name}_delete", pk), form
        yield url(f"{name}_changelist"), {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}


def definitions() -> Iterator[Forged]:
    """Yield forged requests that would change polls."""
    poll = PollFactory(title="Mine")
    yield url("poll_add"), poll_form()
    yield url("poll_change", poll.pk), poll_form(poll, title="Forged")
    yield url("poll_delete", poll.pk), {"post": "yes", "votes": "1"}
    yield url("poll_open", poll.pk), {}
    yield url("poll_close", poll.pk), {}
    yield url("poll_copy", poll.pk), {}
    for action in ACTIONS:
        yield url("poll_changelist"), {"action": action, "_selected_action": [poll.pk], "post": "yes"}


def answers(client: Client, forged: list[Forged]) -> list[int]:
    return [client.post(address, form).status_code for address, form in forged]


def test_superuser_changes_no_vote_and_no_outcome() -> None:
    client, forged = logged_in(superuser()), list(evidence())
    before = stored()

    found = answers(client, forged)

    assert (found, stored()) == ([403, 403, 403, 200] * 2, before)


def everything() -> list[Forged]:
    return [*evidence(), *definitions()]


def test_staff_who_may_look_changes_nothing() -> None:
    client, forged = logged_in(staff("view_poll", "view_vote", "view_polloutcome")), everything()
    before = stored()

    found = answers(client, forged)

    assert set(found[:8]) | set(found[8:13]) == {200, 403}
    assert stored() == before


@pytest.mark.parametrize("who", ["staff", "user", "guest"])
def test_whoever_has_no_permission_changes_nothing(who: str) -> None:
    people: dict[str, User | None] = {"staff": staff(), "user": UserFactory(), "guest": None}
    user, forged = people[who], everything()
    client = Client() if user is None else logged_in(user)
    before = stored()

    found = answers(client, forged)

    assert (set(found), stored()) == ({403} if who == "staff" else {302}, before)


def test_permission_to_change_is_none_to_make_or_delete() -> None:
    client, forged = logged_in(staff("view_poll", "change_poll")), list(definitions())
    before = stored()

    found = [client.post(address, form).status_code for address, form in (forged[0], forged[2])]

    assert (found, stored()) == ([403, 403], before)


def test_own_poll_is_out_of_reach_without_the_permission_of_the_admin() -> None:
    user = staff("view_poll")
    poll = PollFactory(created_by=user)
    before = stored()

    status = logged_in(user).post(url("poll_change", poll.pk), poll_form(poll, title="Mine")).status_code

    assert (status, stored()) == (403, before)


def test_request_without_a_csrf_token_changes_nothing() -> None:
    client, forged = Client(enforce_csrf_checks=True), everything()
    client.force_login(superuser())
    before = stored()

    found = answers(client, forged)

    assert (set(found), stored()) == ({403}, before)


class OwnersOnly(Policy):
    """A policy under which nobody manages a poll but whoever made it."""

    def may_manage(self, user: identity.User, poll: Poll) -> bool:
        return owns(user, poll)

    def may_delete(self, user: identity.User, poll: Poll) -> bool:
        return owns(user, poll)


VERBS = ("get", "head", "post", "put", "patch", "delete", "options")
ALL = [
    f"{verb}_{name}" for verb in ("view", "change", "delete") for name in ("poll", "polloption", "vote", "polloutcome")
]


def every_address() -> list[str]:
    """Return every address of the package in the admin, each for rows that are there."""
    poll = PollFactory(title="Closed")
    cast, _user = vote(poll)
    lifecycle.close_poll(poll)
    rows = {"Poll": PollFactory(title="Mine", created_by=UserFactory()).pk, "Vote": cast.pk, "PollOutcome": poll.pk}
    found = []
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label != "django_polls":
            continue
        for pattern in filter(lambda pattern: pattern.name, model_admin.get_urls()):
            values = {"object_id": rows[model.__name__], "table": "votes"}
            named = {name: values[name] for name in pattern.pattern.converters if name in values}
            found.append(reverse(f"admin:{pattern.name}", kwargs=named))
    return found


@pytest.mark.parametrize("who", ["guest", "staff", "viewer", "manager"])
def test_no_address_and_no_method_changes_anything(who: str, settings: Settings) -> None:
    settings.DJANGO_POLLS_POLICY = "tests.admin.test_permissions.OwnersOnly"
    people: dict[str, User | None] = {
        "guest": None,
        "staff": staff(),
        "viewer": staff(*ALL[:4]),
        "manager": staff(*ALL),
    }
    user, addresses = people[who], every_address()
    client = Client() if user is None else logged_in(user)
    chosen = {
        "_selected_action": [str(pk) for pk in Poll.objects.values_list("pk", flat=True)],
        "post": "yes",
        "votes": "9",
    }
    forms = [
        poll_form(Poll.objects.get(title="Mine"), title="Forged") | chosen | {"action": action} for action in ACTIONS
    ]
    before = stored()

    found = {
        getattr(client, verb)(address, *([form] if verb == "post" else [])).status_code
        for address in addresses
        for verb in VERBS
        for form in (forms if verb == "post" else forms[:1])
    }

    assert len(addresses) >= 20
    assert stored() == before
    assert found <= {200, 302, 403, 404, 405}
