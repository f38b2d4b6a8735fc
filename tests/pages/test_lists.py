"""The lists hold what they say, page by page, and tell nothing that the viewer may not see."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import override_settings

from django_polls.identity import Voter
from django_polls.lifecycle import close_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.clock import database_now
from django_polls.models.polls import Electorate, Visibility
from django_polls.voting import cast_vote
from tests.factories import PollFactory, UserFactory
from tests.pages.browser import Browser, Page
from tests.pages.conftest import guest, logged_in, url_of

pytestmark = pytest.mark.django_db


def opened(browser: Browser, query: str = "") -> Page:
    return browser.open(url_of("poll-list") + query)


def titles(browser: Browser, query: str = "") -> list[str]:
    """Return the titles of the polls that a list shows, in its order."""
    page = opened(browser, query)
    assert page.status == 200
    shown = {url_of("poll-detail", poll): poll.title for poll in Poll.objects.all()}
    return [shown[link] for link in page.links if link in shown]


@pytest.fixture
def polls(owner: User) -> None:
    now = database_now()
    PollFactory(title="Open", created_by=owner, created_at=now - timedelta(hours=1))
    PollFactory(title="For users", electorate=Electorate.USERS, created_at=now - timedelta(hours=2))
    PollFactory(title="Later", opens_at=now + timedelta(days=1))
    PollFactory(title="Draft", is_draft=True, created_by=owner)
    close_poll(PollFactory(title="Closed"))


@pytest.mark.usefixtures("polls")
class TestLists:
    def test_guests_see_what_is_open_upcoming_and_closed(self) -> None:
        found = {each: titles(guest(), f"?list={each}") for each in ("open", "upcoming", "closed")}

        assert found == {"open": ["Open", "For users"], "upcoming": ["Later"], "closed": ["Closed"]}
        assert titles(guest()) == titles(guest(), "?list=none") == found["open"]

    def test_users_see_their_own_and_what_waits_for_them(self, owner: User) -> None:
        user = UserFactory()
        cast_vote(poll := Poll.objects.get(title="Open"), Voter.from_user(user), Ballot.of(poll.options.all()[0].pk))

        assert titles(logged_in(owner), "?list=mine") == ["Draft", "Open"]
        assert titles(logged_in(user), "?list=needs-my-vote") == ["For users"]

    def test_guests_are_led_to_the_login_for_lists_of_their_own(self) -> None:
        response = guest().client.get(url_of("poll-list") + "?list=mine")

        assert (response.status_code, response.headers["Location"]) == (
            302,
            "/accounts/login/?next=/polls/%3Flist%3Dmine",
        )

    def test_search_finds_all_of_the_words(self) -> None:
        Poll.objects.filter(title="For users").update(description="What is brewed at noon, tea or coffee?")

        found = [titles(guest(), f"?q={words}") for words in ("BREWED+users", "tea", "tea+open", "%00tea", "%ED%A0%80")]

        assert found == [["For users"], ["For users"], [], ["For users"], []]
        assert "No poll here has these words." in opened(guest(), "?q=none+such").text

    def test_long_search_is_cut(self) -> None:
        words = "+".join(["o"] * 5_000)

        assert titles(guest(), f"?q={words}") == ["Open", "For users"]


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.0", "\u0661", "9" * 40, ""])
def test_page_that_cannot_be_read_is_the_first(page: str) -> None:
    PollFactory(title="Open")

    assert titles(guest(), f"?page={page}") == ["Open"]


@override_settings(DJANGO_POLLS_PAGE_SIZE=2)
def test_pages_hold_every_poll_once() -> None:
    now = database_now()
    for number in range(5):
        PollFactory(title=f"Tea {number}", created_at=now - timedelta(hours=number))

    browser, links = guest(), []
    found = []
    for query in ("?q=tea", "?list=open&q=tea&page=2", "?list=open&q=tea&page=3", "?q=tea&page=4"):
        found.append(titles(browser, query))
        links.append([link for link in opened(browser, query).links if "page=" in link])

    assert found == [["Tea 0", "Tea 1"], ["Tea 2", "Tea 3"], ["Tea 4"], []]
    assert links == [
        ["?list=open&q=tea&page=2"],
        ["?list=open&q=tea&page=1", "?list=open&q=tea&page=3"],
        ["?list=open&q=tea&page=2"],
        ["?list=open&q=tea&page=3"],
    ]


def test_votes_are_told_where_the_viewer_may_see_them() -> None:
    for visibility in Visibility:
        poll = PollFactory(title=visibility.value, visibility=visibility)
        cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[0].pk))

    text = opened(guest()).text

    assert text.count("1 vote") == 1
    assert text.index("1 vote") > text.index("always")


def test_own_votes_are_marked() -> None:
    user, poll = UserFactory(), PollFactory()
    PollFactory()
    cast_vote(poll, Voter.from_user(user), Ballot.of(poll.options.all()[0].pk))

    assert [opened(browser).text.count("You have voted") for browser in (logged_in(user), guest())] == [1, 0]


def test_button_for_new_polls_is_for_those_who_may_create_them(owner: User) -> None:
    shown = [url_of("poll-create") in opened(browser).links for browser in (guest(), logged_in(owner))]

    assert shown == [False, True]
