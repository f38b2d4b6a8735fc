"""What holds over the API of every host project."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_polls.models import Poll
from tests.projects.people import administrator, guest, logged_in, member, path_of
from tests.projects.polls import make_poll

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

JSON = "application/json"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API says to a request."""

    status: int
    body: Any

    @property
    def refusal(self) -> tuple[int, str]:
        return self.status, self.body["code"]


def read(browser: Client, name: str, *arguments: object, **query: str) -> Answer:
    """Send a GET to an endpoint."""
    response = browser.get(path_of(f"django_polls_api:{name}", *arguments), query)
    return Answer(response.status_code, response.json())


def send(browser: Client, name: str, *arguments: object, **body: object) -> Answer:
    """Send a POST to an endpoint."""
    response = browser.post(path_of(f"django_polls_api:{name}", *arguments), body, content_type=JSON)
    return Answer(response.status_code, response.json())


def results(poll: Poll) -> tuple[list[int], bool]:
    """Return the votes of each option, and whether that is final, as a guest is told."""
    body = read(guest(99), "poll-results", poll.pk).body
    return [option["vote_count"] for option in body["options"]], body["is_final"]


def test_poll_lives_its_life_over_the_api() -> None:
    manager = logged_in(administrator())
    deadline = "2095-07-31T22:59:01.000002Z"

    created = send(
        manager, "poll-list", title="Lunch", options=[{"text": "Soup"}, {"text": "Salad"}], expires_at=deadline
    )
    poll = Poll.objects.get()
    soup, salad = [option["id"] for option in created.body["options"]]
    wishes = ((guest(1), soup), (guest(2), salad), (manager, soup))
    cast = [send(browser, "poll-vote", poll.pk, option_id=option) for browser, option in wishes]
    again = send(guest(1), "poll-vote", poll.pk, option_id=salad)
    before_close = results(poll)
    closed = send(manager, "poll-close", poll.pk, reason="Enough")
    too_late = send(guest(4), "poll-vote", poll.pk, option_id=salad)

    assert (created.status, created.body["expires_at"], poll.pk) == (201, deadline, Poll.objects.get().pk)
    assert [(answer.status, answer.body["option_ids"]) for answer in cast] == [
        (200, [soup]),
        (200, [salad]),
        (200, [soup]),
    ]
    assert (again.refusal, too_late.refusal) == ((400, "already_voted"), (409, "poll_closed"))
    assert (closed.status, closed.body["status"], closed.body["votes"]) == (200, "closed", 3)
    assert (before_close, results(poll)) == (([2, 1], False), ([2, 1], True))


def test_vote_of_a_user_is_theirs_wherever_they_are() -> None:
    user = member("anna@example.org")
    poll = make_poll()
    first, second = poll.options.all()

    cast = send(logged_in(user), "poll-vote", poll.pk, option_id=first.pk)
    again = send(logged_in(user), "poll-vote", poll.pk, option_id=second.pk)
    told = read(logged_in(user), "poll-vote", poll.pk)

    assert cast == told
    assert again.refusal == (400, "already_voted")
    assert (told.body["has_voted"], told.body["option_ids"]) == (True, [first.pk])
    assert abs(datetime.fromisoformat(told.body["cast_at"]) - datetime.now(UTC)) < MINUTE
    assert results(poll) == ([1, 0], False)


def test_polls_are_listed_by_the_clock() -> None:
    now = timezone.now()
    closed = make_poll(title="closed", opens_at=now - 2 * MINUTE, expires_at=now - MINUTE)
    make_poll(title="open", opens_at=now - MINUTE, expires_at=now + MINUTE)
    make_poll(title="scheduled", opens_at=now + MINUTE, expires_at=now + 2 * MINUTE)

    pages = {status: read(guest(1), "poll-list", status=status).body for status in ("closed", "open", "scheduled")}
    refused = send(guest(1), "poll-vote", closed.pk, option_id=closed.options.first().pk)

    assert {
        status: [(poll["title"], poll["status"]) for poll in page["results"]] for status, page in pages.items()
    } == {status: [(status, status)] for status in pages}
    assert refused.refusal == (409, "poll_closed")
    assert results(closed) == ([0, 0], True)


def test_links_lead_to_where_the_host_is_mounted() -> None:
    for _ in range(3):
        make_poll()
    here = reverse("django_polls_api:poll-list")
    browser = logged_in(administrator())

    pages = [read(browser, "poll-list", page_size="2", page=page).body for page in ("1", "2")]
    created = browser.post(
        path_of("django_polls_api:poll-list"), {"title": "New", "options": [{"text": "A"}, {"text": "B"}]}, JSON
    )

    assert [(len(page["results"]), page["next"], page["previous"]) for page in pages] == [
        (2, f"http://testserver{here}?page=2&page_size=2", None),
        (1, None, f"http://testserver{here}?page_size=2"),
    ]
    assert created.headers["Location"] == f"{here}{created.json()['id']}/"


def test_refusals_are_the_api_s_own() -> None:
    unknown = read(guest(1), "poll-detail", "nothing")
    created = send(guest(1), "poll-list", title="Mine")

    assert unknown.refusal == (404, "not_found")
    assert created.status in {401, 403}  # as the host's authenticators say
    assert created.body["code"] == "authentication_required"
