"""What an attacker or an unlucky person may send to the pages: nothing fails, is lost in silence or leaks."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import connections
from django.db.models.signals import post_init
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, RequestFactory, override_settings
from django.urls import resolve
from django.views.decorators.cache import cache_page

from django_polls.identity import Voter
from django_polls.lifecycle import PollDraft, close_poll, create_poll, open_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote
from django_polls.models.clock import database_now
from django_polls.models.polls import Status, Visibility
from django_polls.voting import cast_vote
from tests.factories import PollFactory, UserFactory
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


def multipart(fields: Mapping[str, str]) -> str:
    head = "--x\r\nContent-Disposition: form-data; name="
    return "".join(f'{head}"{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()) + "--x--\r\n"


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "utf-16"])
@pytest.mark.parametrize("lone", ["reason", "next"])
def test_form_in_an_encoding_that_no_browser_uses_is_refused(charset: str, lone: str) -> None:
    poll = create_poll(PollDraft({"title": "T", "method": "yes_no", "reasons": "optional"}))
    fields = {"option": str(poll.options.all()[0].pk), "revision": str(poll.revision), lone: "/\\ud800"}
    content_type = f"multipart/form-data; boundary=x; charset={charset}"
    client = Client(raise_request_exception=False)

    cast = client.generic("POST", url_of("poll-vote", poll), multipart(fields), content_type)
    listed = client.get(f"{url_of('poll-list')}?q=%5Cud800", CONTENT_TYPE=content_type)

    assert (cast.status_code, Vote.objects.count(), listed.status_code) == (400, 0, 400)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", "bogus"])
def test_form_that_says_its_encoding_is_taken(charset: str) -> None:
    poll = PollFactory()
    fields = {"option": str(poll.options.all()[0].pk), "revision": str(poll.revision)}

    Client().generic(
        "POST", url_of("poll-vote", poll), multipart(fields), f"multipart/form-data; boundary=x; charset={charset}"
    )

    assert Vote.objects.count() == 1


@pytest.mark.parametrize("name", ["opens_at", "expires_at"])
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "UTC"])
@pytest.mark.parametrize("at", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_time_that_other_zones_have_not_is_refused(at: str, zone: str, name: str, owner: User) -> None:
    browser = logged_in(owner)
    page = browser.open(url_of("poll-create"))
    fields = {"title": "T", "options-0-text": "A", "options-1-text": "B", "time_zone": zone, name: at}

    refused = browser.send(page, "", fields)

    assert (refused.status, "This is out of range." in refused.text, Poll.objects.count()) == (400, True, 0)


def test_time_that_other_zones_have_not_is_shown_where_a_host_has_stored_it(owner: User) -> None:
    at = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    poll = PollFactory(created_by=owner, expires_at=at, time_zone="Asia/Tokyo")
    browser = logged_in(owner)

    pages = [browser.open(url_of(name, poll)) for name in ("poll-detail", "poll-edit", "poll-manage")]

    assert [page.status for page in [*pages, browser.open(url_of("poll-list"))]] == [200] * 4


def fix(poll: Poll, by: str, owner: User) -> None:
    """Let happen to the poll what fixes some or all of it."""
    if by == "opening":
        open_poll(poll)
    elif by == "close":
        close_poll(poll, closed_by=owner)
    else:
        cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[0].pk))


@pytest.mark.parametrize("by", ["opening", "vote", "close"])
def test_edit_is_never_dropped_because_of_what_happened_meanwhile(by: str, owner: User) -> None:
    poll = PollFactory(created_by=owner, opens_at=database_now() + timedelta(days=1) if by == "opening" else None)
    browser = logged_in(owner)
    page = browser.open(url_of("poll-edit", poll))
    fix(poll, by, owner)
    page.forms[""]["revision"] = [str(Poll.objects.get().revision)]

    refused = browser.send(page, "", {"title": "Mine", "seats": "2", "options-0-text": "Mine"})

    assert (refused.status, "This poll was edited meanwhile. Look at it again." in refused.text) == (409, True)
    assert Poll.objects.get().title == "Test Poll"


@pytest.mark.parametrize("by", ["vote", "close"])
def test_option_that_is_fixed_cannot_be_written(by: str, owner: User) -> None:
    poll = PollFactory(created_by=owner)
    fix(poll, by, owner)

    form = logged_in(owner).open(url_of("poll-edit", poll)).forms[""]

    assert [name for name in form if name.startswith("options-") and name.split("-")[1].isdigit()] == []


def test_paper_that_is_refused_still_leads_back_to_the_page_it_was_cast_on() -> None:
    poll = PollFactory()
    browser = guest()
    page = browser.open(url_of("poll-detail", poll))

    refused = browser.send(page, url_of("poll-vote", poll), {"next": "/an/article/"})

    assert (refused.status, refused.forms[url_of("poll-vote", poll)]["next"]) == (400, ["/an/article/"])


@pytest.mark.parametrize("name", ["poll-open", "poll-close", "poll-copy", "poll-delete"])
def test_login_before_a_button_leads_to_a_page_that_there_is(name: str) -> None:
    poll = PollFactory(electorate="users")

    response = Client().post(url_of(name, poll))

    assert response.headers["Location"] == f"/accounts/login/?next={url_of('poll-detail', poll)}"


def test_withdrawal_is_acknowledged_once_it_is_committed() -> None:
    for name in ("poll-vote", "poll-withdraw"):
        view = resolve(url_of(name, PollFactory())).func
        assert vars(view)["_non_atomic_requests"] == set(connections)


@override_settings(MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"])
def test_site_that_logs_nobody_in_has_guests() -> None:
    poll = PollFactory()
    browser = guest()

    voted = browser.send(
        browser.open(url_of("poll-detail", poll)), url_of("poll-vote", poll), {"option": str(poll.options.all()[0].pk)}
    )

    names = ("poll-results", "poll-results-piece", "poll-voters", "poll-manage")
    assert [voted.status, Vote.objects.count(), browser.open(url_of("poll-list")).status] == [200, 1, 200]
    assert [browser.client.get(url_of(name, poll)).status_code for name in names] == [200, 200, 403, 302]


def test_tags_show_a_poll_where_the_site_logs_nobody_in() -> None:
    poll = PollFactory()

    html = (
        engines["django"]
        .from_string("{% load django_polls %}{% poll poll %}{% polls_open %}")
        .render({"poll": poll}, RequestFactory().get("/"))
    )

    assert html.count("Test Poll") > 1


@pytest.mark.parametrize("tag", ["poll", "poll_results"])
def test_page_of_a_host_is_not_cached_with_what_one_guest_sees(tag: str) -> None:
    poll = PollFactory(visibility=Visibility.AFTER_VOTE)
    template = engines["django"].from_string(f"{{% load django_polls %}}{{% {tag} poll %}}")

    @cache_page(60)
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(template.render({"poll": poll}, request))

    def seen_from(address: str) -> str:
        request = RequestFactory(REMOTE_ADDR=address).get(f"/{poll.pk}/")
        return page(request).content.decode()

    voter = guest()
    voter.send(
        voter.open(url_of("poll-detail", poll)), url_of("poll-vote", poll), {"option": str(poll.options.all()[0].pk)}
    )

    assert "Your vote" in seen_from("192.0.2.1")
    assert "Your vote</" not in seen_from("192.0.2.2").replace(">Your vote</h2>", "")
    assert "The results are shown after you vote" in seen_from("192.0.2.2")


def test_votes_of_guests_are_counted_and_not_read_where_voters_are_named() -> None:
    poll = PollFactory(shows_voters=True)
    option = poll.options.all()[0].pk
    for voter in (Voter.from_user(UserFactory()), *(Voter.from_address(f"192.0.2.{n}", poll) for n in range(5))):
        cast_vote(poll, voter, Ballot.of(option))
    close_poll(poll)
    read: list[Vote] = []

    def note(instance: Vote, **_rest: object) -> None:
        read.append(instance)

    post_init.connect(note, sender=Vote)
    try:
        page = guest(99).open(url_of("poll-voters", poll))
    finally:
        post_init.disconnect(note, sender=Vote)

    assert ("6 votes are by people whose names are not shown." in page.text, len(read)) == (True, 1)


def test_times_are_all_of_the_zone_that_is_written_beside_them(owner: User) -> None:
    day = {"opens_at": datetime(2030, 1, 1, 9, tzinfo=UTC), "expires_at": datetime(2030, 1, 1, 17, tzinfo=UTC)}
    poll = PollFactory(created_by=owner, **day)
    browser = logged_in(owner)

    browser.send(
        browser.open(url_of("poll-edit", poll)), "", {"time_zone": "Asia/Tokyo", "opens_at": "2030-01-01T09:30"}
    )

    edited, tokyo = Poll.objects.get(), ZoneInfo("Asia/Tokyo")
    assert edited.opens_at == datetime(2030, 1, 1, 9, 30, tzinfo=tokyo)
    assert edited.expires_at == datetime(2030, 1, 1, 17, tzinfo=tokyo)


@pytest.mark.parametrize("is_voted", [False, True])
def test_time_that_the_clocks_have_twice_stays_as_it_is(is_voted: bool, owner: User) -> None:
    expires_at = datetime(2030, 10, 27, 0, 30, 15, tzinfo=UTC)
    poll = PollFactory(created_by=owner, expires_at=expires_at, time_zone="Europe/Berlin")
    if is_voted:
        fix(poll, "vote", owner)
    browser = logged_in(owner)

    browser.send(browser.open(url_of("poll-edit", poll)), "", {"correction": "Sorry."})

    edited = Poll.objects.get()
    assert (edited.correction, edited.expires_at) == ("Sorry.", expires_at)


def test_lines_of_a_text_end_as_they_did(owner: User) -> None:
    lines = "a\n" * 2_499 + "bc"
    poll = PollFactory(created_by=owner, description=lines, correction="1\n2")
    browser = logged_in(owner)
    form = browser.open(url_of("poll-edit", poll)).forms[""]

    response = browser.client.post(
        url_of("poll-edit", poll),
        {**form, "title": "New", "description": lines.replace("\n", "\r\n"), "correction": "1\r\n2"},
    )

    edited = Poll.objects.get()
    assert (response.status_code, edited.title) == (302, "New")
    assert (edited.description, edited.correction) == (lines, "1\n2")


def test_page_that_is_only_looked_at_logs_no_refused_vote(caplog: pytest.LogCaptureFixture) -> None:
    poll = PollFactory()
    client = Client(REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "192.0.2.1"})

    client.get(url_of("poll-detail", poll))
    looked = len(caplog.records)
    client.post(url_of("poll-vote", poll), {"option": str(poll.options.all()[0].pk), "revision": poll.revision})

    assert [looked, *(record.getMessage()[:26] for record in caplog.records if "PROXY" in record.getMessage())] == [
        0,
        "A guest's vote was refused",
    ]


def test_manage_page_says_what_is_wrong(owner: User) -> None:
    draft = PollFactory(created_by=owner, is_draft=True, expires_at=database_now() - timedelta(days=1))
    poll = PollFactory(created_by=owner)
    browser = logged_in(owner)

    opened = browser.send(browser.open(url_of("poll-manage", draft)), url_of("poll-open", draft))
    closed = browser.send(browser.open(url_of("poll-manage", poll)), url_of("poll-close", poll), {"reason": "a\u202eb"})

    assert (opened.status, "This time has passed." in opened.text) == (400, True)
    assert (closed.status, "The character U+202E is not allowed here." in closed.text) == (400, True)


def test_poll_of_a_zone_that_the_machine_has_no_longer_is_shown_in_the_site_s(owner: User) -> None:
    poll = PollFactory(created_by=owner, expires_at=datetime(2099, 7, 1, 12, tzinfo=UTC), time_zone="Gone/Zone")
    browser = logged_in(owner)

    page = browser.open(url_of("poll-detail", poll))

    assert "July 1, 2099, noon (UTC)" in page.text
    assert [browser.open(url).status for url in (url_of("poll-list"), url_of("poll-edit", poll))] == [200, 200]


@pytest.mark.parametrize(("electorate", "names"), [("anyone", ["django_polls_voter"]), ("users", [])])
def test_token_is_only_given_to_guests_who_may_vote_by_it(electorate: str, names: list[str]) -> None:
    poll = PollFactory(electorate=electorate, guest_identity="cookie", vote_change="until_close")

    response = Client().get(url_of("poll-detail", poll))

    assert [name for name in response.cookies if name == "django_polls_voter"] == names


@pytest.mark.parametrize("character", ["a", "\N{GRINNING FACE}"])
@pytest.mark.parametrize("length", [2_000, 20_000])
def test_vote_is_acknowledged_however_long_the_address_to_go_on_to(character: str, length: int) -> None:
    poll = PollFactory()
    browser = guest()
    page = browser.open(url_of("poll-detail", poll))
    paper = {"option": str(poll.options.all()[0].pk), "next": "/" + character * length}

    response = browser.client.post(url_of("poll-vote", poll), {**page.forms[url_of("poll-vote", poll)], **paper})

    assert (response.status_code, Vote.objects.count()) == (302, 1)


def test_who_may_delete_and_not_manage_is_told_why_a_poll_stays() -> None:
    user, poll = UserFactory(), PollFactory()
    user.user_permissions.add(Permission.objects.get(codename="delete_poll"))
    fix(poll, "vote", user)

    client = Client()
    client.force_login(user)

    response = client.post(url_of("poll-delete", poll))

    assert (response.status_code, Poll.objects.count()) == (409, 1)
    assert "This poll has votes" in response.content.decode()


@pytest.mark.parametrize("method", ["single", "gone"])
@pytest.mark.parametrize("votes", [1, 3])
@override_settings(DJANGO_POLLS_THROTTLE_RATES={"vote": "2/day"})
def test_draft_is_as_unknown_to_a_voter_as_a_poll_that_is_not(method: str, votes: int) -> None:
    def told(poll: Poll) -> tuple[int, bytes, dict[str, str], int]:
        cache.clear()
        client = Client()
        paper = {"revision": "1", "option": "1"}
        *_others, response = [client.post(url_of("poll-vote", poll), paper) for _vote in range(votes)]
        counted = client.post(url_of("poll-vote", PollFactory()), {"revision": "1"}).status_code
        return response.status_code, response.content, dict(response.headers), counted

    draft = PollFactory(is_draft=True)
    Poll.objects.filter(pk=draft.pk).update(method=method)

    assert told(draft) == told(Poll(id="00000000-0000-4000-8000-000000000000"))
