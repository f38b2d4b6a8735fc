"""Who may do what in the admin: every address is sent every forged form, and the tables are compared."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from django_polls import identity, lifecycle
from django_polls.models import Poll
from django_polls.policies import Policy
from tests.admin.people import logged_in, poll_form, staff, stored, superuser, url, vote
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db

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
    for action in ("open_polls", "close_polls", "delete_selected"):
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
