"""What a page cannot do it says: limits, a busy database, and a method that the site has no longer."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client, override_settings

from django_polls.models import Poll, Vote
from django_polls.models.polls import Until
from django_polls.throttles import breaker
from django_polls.views.lists import PollListView
from tests.factories import PollFactory
from tests.pages.browser import Page
from tests.pages.conftest import guest, logged_in, url_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

TOO_MANY = "Too many requests. Try again in a while. Seconds to wait:"


@pytest.fixture(autouse=True)
def _uncounted() -> None:
    cache.clear()
    breaker.reset()


@override_settings(DJANGO_POLLS_THROTTLE_RATES={"vote": "2/day"})
def test_votes_are_limited_on_pages_and_by_the_api_together() -> None:
    poll = PollFactory(vote_change=Until.CLOSE, vote_withdrawal=Until.CLOSE)
    first, second = poll.options.all()
    browser = guest()
    browser.client.post(f"/api/polls/{poll.pk}/vote/", {"option_id": first.pk})

    page = browser.open(url_of("poll-detail", poll))
    changed = browser.send(page, url_of("poll-vote", poll), {"option": str(second.pk)})
    refused = browser.send(changed, url_of("poll-vote", poll), {"option": str(first.pk)})
    withdrawn = browser.send(changed, url_of("poll-withdraw", poll))

    assert [each.status for each in (changed, refused, withdrawn)] == [200, 429, 429]
    assert f"Your vote was not counted. {TOO_MANY}" in refused.text
    assert refused.forms[url_of("poll-vote", poll)]["option"] == [str(first.pk)]
    assert (TOO_MANY in withdrawn.text, Vote.objects.get().ballot.body) == (True, str(second.pk))


@override_settings(DJANGO_POLLS_THROTTLE_RATES={"create": "1/day"})
def test_new_polls_and_copies_are_limited(owner: User) -> None:
    browser = logged_in(owner)
    fields = {"title": "Lunch?", "options-0-text": "Soup", "options-1-text": "Salad"}
    form = browser.open(url_of("poll-create"))
    created = browser.send(form, "", fields)
    again = browser.client.post(url_of("poll-create"), {**form.forms[""], **fields})
    copied = browser.send(created, url_of("poll-copy", Poll.objects.get()))

    assert (again.status_code, copied.status, Poll.objects.count()) == (429, 429, 1)
    assert (TOO_MANY in again.content.decode(), TOO_MANY in copied.text) == (True, True)


def test_seconds_to_wait_are_in_the_header() -> None:
    poll = PollFactory()
    browser = guest()
    page = browser.open(url_of("poll-detail", poll))
    form = page.forms[url_of("poll-vote", poll)]

    with override_settings(DJANGO_POLLS_THROTTLE_RATES={"vote": "0/hour"}):
        response = browser.client.post(url_of("poll-vote", poll), form)

    assert (response.status_code, 0 < int(response.headers["Retry-After"]) <= 3_600) == (429, True)


@pytest.mark.parametrize(("message", "is_busy"), [("database is locked", True), ("no such table: x", False)])
def test_database_that_is_busy_is_a_page_of_its_own(
    monkeypatch: pytest.MonkeyPatch, message: str, is_busy: bool
) -> None:
    def fail(*_arguments: object) -> None:
        raise OperationalError(message)

    monkeypatch.setattr(PollListView, "get_polls", fail)
    client = Client()
    if not is_busy:
        with pytest.raises(OperationalError, match=message):
            client.get(url_of("poll-list"))
        return
    response = client.get(url_of("poll-list"))

    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert "The poll is busy. Send the same request again." in Page(response).text


def test_open_poll_without_its_method_says_so_and_offers_no_paper() -> None:
    poll = PollFactory()
    Poll.objects.filter(pk=poll.pk).update(method="gone")

    page = guest().open(url_of("poll-detail", poll))

    assert (page.status, page.forms) == (200, {})
    assert page.text.count("This site has no voting method gone now, which this poll needs.") == 2


def test_open_poll_that_cannot_be_counted_offers_no_paper() -> None:
    poll = PollFactory()
    Poll.objects.filter(pk=poll.pk).update(seats=2)

    page = guest().open(url_of("poll-detail", poll))

    assert (page.status, page.forms) == (200, {})
    assert page.text.count("This poll cannot be counted: its rules do not fit its voting method.") == 2
