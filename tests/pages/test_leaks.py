"""Two worlds that differ only in how people voted look the same to whoever may not see results; pages cost little."""

import re
from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_polls import definitions
from django_polls.identity import Voter
from django_polls.lifecycle import close_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.clock import database_now
from django_polls.models.polls import Electorate, Visibility
from django_polls.urls import urlpatterns
from django_polls.voting import cast_vote
from tests.admin.people import stored
from tests.factories import PollFactory, UserFactory
from tests.pages.browser import Browser, Response
from tests.pages.conftest import guest, logged_in

pytestmark = pytest.mark.django_db

HIDING = (Visibility.AFTER_VOTE, Visibility.AFTER_CLOSE, Visibility.MANAGERS, Visibility.NEVER)
QUERIES = ("", "?list=open", "?list=closed", "?list=mine", "?q=Test", "?page=2")
UNLIKE = re.compile(rb'[0-9a-f]{8}-[0-9a-f-]{27}|csrfmiddlewaretoken" value="[^"]+|value="\d+"|[_-]\d+"')


def addresses(polls: Sequence[Poll]) -> Iterator[str]:
    """Yield the address of every page there is, of each poll and of the lists."""
    for pattern in urlpatterns:
        route = f"/polls/{pattern.pattern}"
        if "<uuid:id>" in route:
            yield from (route.replace("<uuid:id>", str(poll.pk)) for poll in polls)
        else:
            yield from (route + query for query in QUERIES)


def world(number: int) -> Sequence[Poll]:
    """Return polls with hidden results, each with three votes for the option of this number."""
    polls: Sequence[Poll] = [
        PollFactory(id=UUID(int=place), title="Test", visibility=visibility, shows_voters=True)
        for place, visibility in enumerate(HIDING, 1)
    ]
    for poll in polls:
        for name in ("a", "b", "c"):
            user = User.objects.get_or_create(username=f"{poll.visibility}-{name}")[0]
            cast_vote(poll, Voter.from_user(user), Ballot.of(poll.options.all()[number].pk))
    return polls


def seen(browser: Browser, polls: Sequence[Poll]) -> list[tuple[int, bytes, list[tuple[str, str]]]]:
    """Return what a browser gets at every address, but for ids and tokens."""

    def plain(response: Response) -> tuple[int, bytes, list[tuple[str, str]]]:
        # The length says no more than the content, but for how many digits an id has.
        headers = sorted(
            (name, UNLIKE.sub(b"", value.encode()).decode())
            for name, value in response.headers.items()
            if name != "Content-Length"
        )
        return response.status_code, UNLIKE.sub(b"", response.content), headers

    return [plain(browser.client.get(address)) for address in addresses(polls)]


def roles() -> dict[str, Browser]:
    staff = UserFactory(is_staff=True)
    return {"guest": guest(), "user": logged_in(UserFactory()), "staff": logged_in(staff)}


@pytest.mark.parametrize("role", ["guest", "user", "staff"])
def test_worlds_look_the_same_where_results_are_hidden(role: str) -> None:
    browser = roles()[role]
    one = seen(browser, world(0))
    Poll.objects.all().delete()
    definitions._kept.clear()  # the polls of the other world have the same ids
    other = seen(browser, world(1))

    assert len(one) > 50
    assert [status for status, _content, _headers in one] == [status for status, _content, _headers in other]
    for mine, theirs in zip(one, other, strict=True):
        assert mine == theirs


def test_worlds_differ_where_results_are_shown() -> None:
    """The comparison above sees votes where there are any to see."""

    def shown(number: int) -> bytes:
        poll = PollFactory(title="Test")
        cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[number].pk))
        return UNLIKE.sub(b"", guest().client.get(f"/polls/{poll.pk}/").content)

    assert shown(0) != shown(1)


def test_reading_writes_nothing() -> None:
    polls = world(0)
    close_poll(polls[0])
    manager = UserFactory()
    manager.user_permissions.set(Permission.objects.filter(content_type__app_label="django_polls"))
    browsers = [guest(), logged_in(UserFactory()), logged_in(manager)]
    before = stored()

    statuses = {
        getattr(browser.client, method)(address).status_code
        for browser in browsers
        for method in ("get", "head", "options")
        for address in addresses(polls)
    }

    assert stored() == before
    assert statuses <= {200, 302, 400, 403, 404, 405, 409}


MOST_QUERIES = 12


@pytest.mark.parametrize("polls", [3, 300])
def test_lists_cost_as_many_queries_however_many_polls(polls: int) -> None:
    user = UserFactory()
    for number in range(polls):
        poll = PollFactory(created_by=user, visibility=HIDING[0] if number % 2 else Visibility.ALWAYS)
        if number < 5:
            cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[0].pk))
    browser = logged_in(user)

    found = {query: queries_of(browser, f"/polls/{query}") for query in ("", "?list=needs-my-vote", "?list=mine")}
    found["?q=test"] = queries_of(browser, "/polls/?q=test")
    Poll.objects.update(closed_at=database_now())
    found["?list=closed"] = queries_of(browser, "/polls/?list=closed")

    assert found == dict.fromkeys(found, 8)


def queries_of(browser: Browser, address: str) -> int:
    """Return how many statements a page takes."""
    with CaptureQueriesContext(connection) as queries:
        assert browser.client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("name", ["", "results/", "results/piece/", "manage/", "edit/", "voters/"])
@pytest.mark.parametrize("options", [2, 30])
def test_page_of_a_poll_costs_as_many_queries_however_many_options(name: str, options: int) -> None:
    user = UserFactory()
    poll = PollFactory(
        created_by=user, options=options, shows_voters=True, electorate=Electorate.USERS, visibility="after_vote"
    )
    for voter in (user, *UserFactory.create_batch(options)):
        cast_vote(poll, Voter.from_user(voter), Ballot.of(poll.options.all()[0].pk))
    if name == "voters/":
        close_poll(poll)

    assert queries_of(logged_in(user), f"/polls/{poll.pk}/{name}") <= MOST_QUERIES
