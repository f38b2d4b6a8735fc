"""Polls are written on the pages: options in order, times in the poll's zone, and each refusal at its field."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group, Permission, User

from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft, create_poll, edit_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.clock import database_now
from django_polls.models.polls import Status, Visibility
from django_polls.voting import cast_vote
from tests.admin.people import stored
from tests.factories import PollFactory, UserFactory
from tests.pages.browser import Page
from tests.pages.conftest import guest, logged_in, url_of
from tests.ways import METHODS, Way

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def write(user: User, poll: Poll | None = None, /, **values: Any) -> Page:
    """Open the form of a poll, or of a new one, fill it in and send it; `__` stands for `-` in a field's name."""
    browser = logged_in(user)
    page = browser.open(url_of("poll-edit", poll) if poll else url_of("poll-create"))
    return browser.send(page, "", {name.replace("__", "-"): value for name, value in values.items()})


LUNCH = {"title": "Lunch?", "options__0__text": "Soup", "options__1__text": "Salad"}


def texts(poll: Poll) -> list[str]:
    return [option.text for option in poll.options.all()]


def test_new_poll_is_open(owner: User) -> None:
    page = write(owner, **LUNCH, options__3__text="Cake")

    poll = Poll.objects.get()
    assert (poll.title, poll.status, poll.created_by, texts(poll)) == (
        "Lunch?",
        Status.OPEN,
        owner,
        ["Soup", "Salad", "Cake"],
    )
    assert "The poll is created." in page.text


def test_new_poll_may_be_a_draft(owner: User) -> None:
    page = write(owner, **LUNCH, draft="on")

    assert ("The poll is saved as a draft." in page.text, Poll.objects.get().status) == (True, Status.DRAFT)


@pytest.mark.parametrize("way", METHODS, ids=str)
def test_polls_of_every_method_are_written(way: Way, owner: User) -> None:
    fields = {name: str(value) for name, value in way.fields.items()}

    write(owner, **LUNCH, method=way.method, count=way.count, **fields) if way.method != "yes_no" else write(
        owner, title="A proposal", method="yes_no"
    )

    poll = Poll.objects.get()
    assert (poll.method, poll.options.count()) == (way.method, 4 if way.method == "yes_no" else 2)


def test_options_keep_the_order_that_is_given(owner: User) -> None:
    order = {"options__0__ORDER": "3", "options__1__ORDER": "1", "options__2__ORDER": "2"}

    write(owner, **LUNCH, options__2__text="Cake", **order)

    assert texts(Poll.objects.get()) == ["Salad", "Cake", "Soup"]


def test_options_are_changed_moved_added_and_removed(owner: User) -> None:
    poll = create_poll(PollDraft({"title": "T"}, [OptionDraft(text) for text in "ABC"]), created_by=owner)
    kept = poll.options.all()[2].pk

    write(
        owner,
        poll,
        options__0__DELETE="on",
        options__1__text="B, with milk",
        options__1__ORDER="9",
        options__2__ORDER="1",
        options__3__text="D",
        options__3__ORDER="5",
    )

    edited = Poll.objects.get()
    assert (texts(edited), edited.options.all()[0].pk) == (["C", "D", "B, with milk"], kept)


def test_more_lines_come_with_what_is_written(owner: User) -> None:
    page = write(owner, title="Lunch?", options__0__text="Soup", more="on")

    form = page.forms[""]
    assert (page.status, Poll.objects.count()) == (200, 0)
    assert (form["title"], form["options-0-text"], form["options-6-text"]) == (["Lunch?"], ["Soup"], [""])
    assert "This field is required." not in page.text


@pytest.mark.parametrize("lines", ["x", "\u0661", "10000", ""])
def test_lines_that_cannot_be_counted_are_no_error_of_ours(owner: User, lines: str) -> None:
    page = write(owner, title="Lunch?", options__TOTAL_FORMS=lines, more="on")

    assert (page.status, page.forms[""]["title"], Poll.objects.count()) == (200, ["Lunch?"], 0)


def test_times_are_of_the_zone_of_the_poll(owner: User) -> None:
    write(owner, **LUNCH, expires_at="2099-07-01T12:00", time_zone="Asia/Tokyo")

    poll = Poll.objects.get()
    shown = guest().open(url_of("poll-detail", poll)).text
    form = logged_in(owner).open(url_of("poll-edit", poll)).forms[""]
    assert poll.expires_at == datetime(2099, 7, 1, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert "July 1, 2099, noon (Asia/Tokyo; July 1, 2099, 3 a.m. UTC)" in shown
    assert form["expires_at"] == ["2099-07-01T12:00"]


def test_untouched_form_changes_nothing(owner: User) -> None:
    expires_at = datetime(2099, 1, 1, 12, 0, 30, 123456, tzinfo=UTC)
    poll = PollFactory(created_by=owner, expires_at=expires_at, metadata={"a": 1}, grades="")
    [before] = stored()["Poll"]

    page = write(owner, poll)

    [after] = stored()["Poll"]
    assert {name for name in before if before[name] != after[name]} == {"revision", "opened_at"}
    assert "The poll is changed." in page.text


@pytest.mark.parametrize(
    ("values", "name", "sentence"),
    [
        ({"title": ""}, "title", "This field is required."),
        ({"title": "a\u202eb"}, "title", "The character U+202E is not allowed here."),
        ({"time_zone": "Mars/Base"}, "time_zone", "There is no such time zone: name one as Europe/Berlin."),
        ({"expires_at": "2001-01-01T00:00"}, "expires_at", "This time has passed."),
        ({"expires_at": "soon"}, "expires_at", "Enter a valid date/time."),
        ({"method": "guess"}, "method", "Select a valid choice. guess is not one of the available choices."),
        ({"max_options": "9"}, "max_options", "The poll has fewer options than this."),
        ({"electorate": "groups"}, "groups", "Name the groups whose members may vote."),
        ({"options__1__text": "soup"}, "options", "Two options have the same text."),
        ({"options__1__text": ""}, "options", "A poll needs at least two options."),
        ({"options__1__text": "x" * 501}, "options", "Ensure this value has at most 500 characters (it has 501)."),
        ({"options__TOTAL_FORMS": "999999"}, "options", "Please submit at most 100 forms."),
    ],
)
def test_what_cannot_be_stored_comes_back(owner: User, values: dict[str, str], name: str, sentence: str) -> None:
    page = write(owner, **{**LUNCH, **values})

    assert (page.status, page.title, Poll.objects.count()) == (400, "Not saved: New poll", 0)
    assert "The poll was not saved." in page.text
    assert sentence in page.text
    if name != "title":
        assert page.forms[""]["title"] == ["Lunch?"]


def test_edit_of_an_old_revision_is_refused(owner: User) -> None:
    poll = PollFactory(created_by=owner)
    browser = logged_in(owner)
    page = browser.open(url_of("poll-edit", poll))
    edit_poll(poll, PollDraft({"title": "Theirs"}))

    refused = browser.send(page, "", {"title": "Mine"})

    assert (refused.status, Poll.objects.get().title) == (409, "Theirs")
    assert "This poll was edited meanwhile. Look at it again." in refused.text


def test_what_is_fixed_is_shown_so_and_stays(owner: User) -> None:
    poll = PollFactory(created_by=owner)
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[0].pk))

    page = write(owner, poll, title="Mine", visibility=Visibility.NEVER, options__0__text="Mine", correction="Sorry.")

    edited = Poll.objects.get()
    assert "The poll is changed." in page.text
    assert (edited.title, edited.visibility, edited.correction) == ("Test Poll", Visibility.NEVER, "Sorry.")
    assert texts(edited) == ["Option 1", "Option 2"]


@pytest.mark.parametrize(("accepts", "lines"), [(False, 2), (True, 3)])
def test_options_that_are_fixed_are_shown_so(owner: User, accepts: bool, lines: int) -> None:
    poll = PollFactory(created_by=owner, accepts_new_options=accepts)
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[0].pk))

    page = logged_in(owner).client.get(url_of("poll-edit", poll))

    options = page.context["options"]
    fixed = [line.fields["text"].disabled for line in options.forms]
    assert fixed == [True, True, *[False] * (lines - 2)]
    assert ('name="more"' in page.content.decode()) == accepts


def test_option_is_added_to_a_voted_poll_that_accepts_it(owner: User) -> None:
    poll = PollFactory(created_by=owner, accepts_new_options=True)
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[0].pk))

    write(owner, poll, options__2__text="Option 3")

    assert texts(Poll.objects.get()) == ["Option 1", "Option 2", "Option 3"]


def test_polls_are_limited_to_groups_that_their_writer_knows(owner: User) -> None:
    own, other = Group.objects.create(name="Own"), Group.objects.create(name="Strangers")
    owner.groups.add(own)

    foreign = write(owner, **LUNCH, electorate="groups", groups=str(other.pk))
    write(owner, **LUNCH, electorate="groups", groups=str(own.pk))
    owner.user_permissions.add(Permission.objects.get(codename="view_group"))
    known = logged_in(User.objects.get(pk=owner.pk)).open(url_of("poll-create")).text

    assert (foreign.status, "Strangers" in foreign.text, "Strangers" in known) == (400, False, True)
    assert list(Poll.objects.get().groups.all()) == [own]


def test_voters_who_were_promised_it_are_not_named(owner: User) -> None:
    poll = PollFactory(created_by=owner)
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[0].pk))

    page = write(owner, poll, shows_voters="on")

    assert (page.status, Poll.objects.get().shows_voters) == (409, False)
    assert "This can no longer be changed: shows_voters." in page.text


def test_scheduled_poll_is_created(owner: User) -> None:
    opens_at = database_now() + timedelta(days=2)

    write(owner, **LUNCH, opens_at=opens_at.strftime("%Y-%m-%dT%H:%M"))

    assert Poll.objects.get().status == Status.SCHEDULED


def test_page_is_for_those_who_may_create() -> None:
    response = guest().client.get(url_of("poll-create"))
    page = logged_in(UserFactory()).open(url_of("poll-create"))

    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/login/?next=/polls/new/")
    assert (page.status, "You may not do this." in page.text) == (403, True)
