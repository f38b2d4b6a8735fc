"""Managers open, close, copy and delete on a poll's own page, and nobody else does."""

from collections.abc import Mapping

import pytest
from django.contrib.auth.models import Permission, User

from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.polls import Status
from django_polls.voting import cast_vote
from tests.admin.people import stored
from tests.factories import PollFactory, UserFactory
from tests.pages.browser import Page
from tests.pages.conftest import guest, logged_in, url_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

VERBS = ("poll-open", "poll-close", "poll-copy", "poll-delete")


def act(user: User, poll: Poll, verb: str, **values: str) -> Page:
    """Press the button of a verb on a poll's page."""
    browser = logged_in(user)
    return browser.send(browser.open(url_of("poll-manage", poll)), url_of(verb, poll), values)


def actions(user: User, poll: Poll) -> list[str]:
    """Return the verbs that a poll's page offers."""
    forms = logged_in(user).open(url_of("poll-manage", poll)).forms
    return [verb for verb in VERBS if url_of(verb, poll) in forms]


def test_page_offers_what_can_be_done(owner: User) -> None:
    draft = PollFactory(is_draft=True, created_by=owner)
    offered = {"draft": actions(owner, draft)}
    act(owner, draft, "poll-open")
    offered["open"] = actions(owner, draft)
    act(owner, draft, "poll-close")
    offered["closed"] = actions(owner, draft)

    assert offered == {
        "draft": ["poll-open", "poll-copy", "poll-delete"],
        "open": ["poll-close", "poll-copy", "poll-delete"],
        "closed": ["poll-copy", "poll-delete"],
    }


def test_manager_who_may_not_create_or_delete_is_not_offered_it() -> None:
    manager = UserFactory()
    manager.user_permissions.add(Permission.objects.get(codename="change_poll"))

    assert actions(manager, PollFactory()) == ["poll-close"]


def test_draft_is_opened(owner: User) -> None:
    poll = PollFactory(is_draft=True, created_by=owner)

    page = act(owner, poll, "poll-open")

    assert ("The poll is open for votes." in page.text, Poll.objects.get().status) == (True, Status.OPEN)


def test_poll_is_closed_with_its_reason(owner: User) -> None:
    poll = PollFactory(created_by=owner)

    page = act(owner, poll, "poll-close", reason="We know enough.")

    closed = Poll.objects.get()
    assert (closed.status, closed.close_reason, closed.closed_by) == (Status.CLOSED, "We know enough.", owner)
    assert "The poll is closed." in page.text
    assert "Why it was closed: We know enough." in guest().open(url_of("poll-detail", poll)).text


def test_refusal_is_said_on_the_page(owner: User) -> None:
    poll = PollFactory(created_by=owner)

    page = act(owner, poll, "poll-close", reason="bidi \u202e")

    assert (page.status, page.title) == (400, "Not done: Manage: Test Poll")
    assert Poll.objects.get().status == Status.OPEN


def test_copy_is_a_draft_of_the_copier(owner: User) -> None:
    poll = PollFactory(created_by=owner, title="Lunch")

    page = act(owner, poll, "poll-copy")

    copy = Poll.objects.exclude(pk=poll.pk).get()
    assert (copy.title, copy.status, copy.created_by) == ("Lunch", Status.DRAFT, owner)
    assert "This is a copy of the poll, as a draft." in page.text


@pytest.mark.parametrize(("values", "status", "left"), [({}, 409, 1), ({"votes": "on"}, 200, 0)])
def test_votes_are_deleted_only_if_asked(owner: User, values: Mapping[str, str], status: int, left: int) -> None:
    poll = PollFactory(created_by=owner)
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[0].pk))

    page = act(owner, poll, "poll-delete", **values)

    assert (page.status, Poll.objects.count()) == (status, left)
    assert ("This poll has votes." if left else "The poll is deleted.") in page.text


@pytest.mark.parametrize("verb", [*VERBS, "poll-edit"])
def test_nobody_else_does_anything(verb: str, owner: User) -> None:
    poll = PollFactory(is_draft=verb == "poll-open", created_by=owner)
    PollFactory(is_draft=False)
    before = stored()
    other = UserFactory()
    if verb == "poll-copy":
        other.user_permissions.add(Permission.objects.get(codename="add_poll"))

    def answer(user: User | None) -> int:
        browser = logged_in(user) if user else guest()
        browser.open(url_of("poll-detail", PollFactory.create(title="Any")))
        token = browser.client.cookies["csrftoken"].value
        response = browser.client.post(url_of(verb, poll), {"csrfmiddlewaretoken": token, "votes": "on"})
        Poll.objects.filter(title="Any").delete()
        return response.status_code

    expected = (404, 404) if verb == "poll-open" else (302, 403)
    assert (answer(None), answer(other)) == expected
    assert stored() == before


@pytest.mark.parametrize("verb", VERBS)
def test_verbs_are_never_done_by_a_link(verb: str, owner: User) -> None:
    poll = PollFactory(created_by=owner)
    before = stored()

    assert logged_in(owner).client.get(url_of(verb, poll)).status_code == 405
    assert stored() == before
