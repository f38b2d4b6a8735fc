"""What holds on the pages of every host project."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from django_polls.lifecycle import close_poll
from django_polls.models import Poll, Vote
from django_polls.models.polls import Status
from tests.projects.forms import Form
from tests.projects.people import administrator, guest, logged_in, path_of
from tests.projects.polls import make_poll

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

PAGES = ("poll-list", "poll-create")
PAGES_OF_A_POLL = ("poll-detail", "poll-results", "poll-results-piece", "poll-edit", "poll-manage")


def test_every_page_answers() -> None:
    poll = make_poll(shows_voters=True)
    browser = logged_in(administrator())
    paths = [path_of(f"django_polls:{name}") for name in PAGES]
    paths += [path_of(f"django_polls:{name}", poll.pk) for name in PAGES_OF_A_POLL]

    answers = {path: browser.get(path).status_code for path in paths}
    close_poll(poll)
    paths.append(path_of("django_polls:poll-voters", poll.pk))
    answers[paths[-1]] = browser.get(paths[-1]).status_code

    assert answers == dict.fromkeys(paths, 200)


def test_poll_is_written_voted_in_and_closed_on_the_pages() -> None:
    manager, voter = logged_in(administrator()), guest(7)
    blank = Form(manager.get(path_of("django_polls:poll-create")).content.decode()).values
    ends = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    wanted = {"title": "Lunch", "options-0-text": "Soup", "options-1-text": "Salad", "expires_at": ends}

    created = manager.post(path_of("django_polls:poll-create"), blank | wanted)
    poll = Poll.objects.get()
    paper = Form(voter.get(path_of("django_polls:poll-detail", poll.pk)).content.decode()).values
    soup, _salad = poll.options.all()
    votes = [voter.post(path_of("django_polls:poll-vote", poll.pk), paper | {"option": soup.pk}) for _ in range(2)]
    closed = manager.post(path_of("django_polls:poll-close", poll.pk), {"reason": "Hungry."})
    results = voter.get(path_of("django_polls:poll-results", poll.pk)).content.decode()

    assert [answer.status_code for answer in (created, *votes, closed)] == [302] * 4
    assert (Poll.objects.get().status, Vote.objects.count(), soup.vote_count) == (Status.CLOSED, 1, 1)
    assert "Soup" in results
    assert "Hungry." in results


def test_times_are_written_in_the_poll_s_zone() -> None:
    manager = logged_in(administrator())
    blank = Form(manager.get(path_of("django_polls:poll-create")).content.decode()).values
    wanted = {"title": "Lunch", "options-0-text": "Soup", "options-1-text": "Salad"}
    times = {"expires_at": "2099-07-01T12:00", "time_zone": "Asia/Tokyo"}

    manager.post(path_of("django_polls:poll-create"), blank | wanted | times)
    poll = Poll.objects.get()
    form = Form(manager.get(path_of("django_polls:poll-edit", poll.pk)).content.decode()).values

    expires_at = poll.expires_at
    assert expires_at is not None
    aware = expires_at if timezone.is_aware(expires_at) else timezone.make_aware(expires_at)
    assert aware == datetime.fromisoformat("2099-07-01T12:00+09:00")
    assert form["expires_at"] == "2099-07-01T12:00"
