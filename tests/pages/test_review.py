"""What an attacker or an unlucky person may send to the pages: nothing fails, is lost in silence or leaks."""

import time

import pytest
from django.contrib.auth.models import User

from django_polls.models import Poll, Vote
from django_polls.models.polls import Status
from tests.factories import PollFactory
from tests.pages.conftest import guest, logged_in, url_of

pytestmark = pytest.mark.django_db

# Marks above and below by turns, which NFC sorts in a time that grows with the square of their number.
SLOW_TO_SORT = "a" + "\u0345\u0300" * 60_000


def test_reason_that_is_slow_to_sort_is_refused_at_once() -> None:
    poll = PollFactory()
    browser = guest()
    page = browser.open(url_of("poll-detail", poll))
    option = str(poll.options.all()[0].pk)

    begun = time.monotonic()
    refused = browser.send(page, url_of("poll-vote", poll), {"option": option, "reason": SLOW_TO_SORT})

    assert (refused.status, Vote.objects.count(), time.monotonic() - begun < 2) == (400, 0, True)


def test_close_for_a_reason_that_is_slow_to_sort_is_refused_at_once(owner: User) -> None:
    poll = PollFactory(created_by=owner)
    browser = logged_in(owner)
    page = browser.open(url_of("poll-manage", poll))

    begun = time.monotonic()
    refused = browser.send(page, url_of("poll-close", poll), {"reason": SLOW_TO_SORT})

    assert (refused.status, time.monotonic() - begun < 2) == (400, True)
    assert Poll.objects.get().status == Status.OPEN
