import re
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from pytest_django import Settings

from django_polls.conf import voting_methods
from django_polls.management.demo import LOGINS, VOTERS, Demo, load
from django_polls.management.demo_polls import DEMO_POLLS
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, PollOption, PollOutcome, Vote
from django_polls.models.polls import Visibility
from django_polls.results import outcome_of
from django_polls.verification import findings_of

pytestmark = pytest.mark.django_db


def polls_demo(**options: object) -> list[str]:
    """Run the command and return the lines it prints."""
    stdout = StringIO()
    call_command("polls_demo", stdout=stdout, **options)
    return stdout.getvalue().splitlines()


def tallies() -> dict[str, dict[str, int]]:
    """Return the ballots of each poll and how often each was cast, with the options' texts for their ids."""
    texts = {str(pk): text for pk, text in PollOption.objects.values_list("pk", "text")}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for title, body in Vote.objects.values_list("poll__title", "ballot__body"):
        found[title][re.sub(r"(?<!\S)\d+", lambda option_id: texts[option_id[0]], body)] += 1
    return {title: dict(bodies) for title, bodies in found.items()}


def ballots(**poll: str) -> list[Ballot]:
    """Return the ballot of every vote in the poll that has these fields."""
    bodies = Vote.objects.filter(poll=Poll.objects.get(**poll)).values_list("ballot__body", flat=True)
    return [Ballot.from_body(body) for body in bodies]


def test_demo_polls_are_in_every_state_and_visibility() -> None:
    polls_demo(votes=95)

    polls = Poll.objects.with_clock()
    assert Counter(str(poll.status) for poll in polls) == {"draft": 1, "scheduled": 1, "open": 12, "closed": 3}
    assert {poll.visibility for poll in polls} == set(Visibility.values)
    assert {poll.method for poll in polls} == set(voting_methods())
    assert {poll.guest_identity for poll in polls} == {"address", "cookie"}


def test_demo_votes_are_counted() -> None:
    lines = polls_demo(votes=95)

    assert lines[0] == f"Added {len(DEMO_POLLS)} polls and 107 votes."
    assert Vote.objects.count() == 107
    assert sum(outcome_of(poll).votes for poll in Poll.objects.all()) == 107


def test_demo_closes_are_final() -> None:
    polls_demo(votes=95)

    closed = Poll.objects.closed().order_by("title")
    assert [(poll.close_reason, poll.closed_by and poll.closed_by.get_username()) for poll in closed] == [
        ("The printer needs the logo today.", "demo_maya"),
        ("", None),
        ("", None),
    ]
    assert [stored.outcome.votes for stored in PollOutcome.objects.order_by("poll__title")] == [7, 10, 12]


@pytest.mark.any_database
def test_demo_of_the_same_seed_is_the_same() -> None:
    polls_demo(votes=95, seed=7)
    first = tallies()
    Poll.objects.all().delete()

    polls_demo(votes=95, seed=7)

    assert tallies() == first


@pytest.mark.any_database
def test_demo_of_another_seed_differs() -> None:
    polls_demo(votes=95, seed=7)
    first = tallies()
    Poll.objects.all().delete()

    polls_demo(votes=95, seed=8)

    assert tallies() != first


@pytest.mark.any_database
def test_demo_ballots_are_as_varied_as_peoples() -> None:
    polls_demo(votes=285)

    committee, cinema, money = ballots(count="stv"), ballots(count="star"), ballots(method="dots")
    points = [[mark.score or 0 for mark in ballot.marks] for ballot in money]
    assert {len(ballot.marks) for ballot in committee} == set(range(1, 7))
    assert {len(ballot.marks) for ballot in cinema} == {3, 4}
    assert {mark.score for ballot in cinema for mark in ballot.marks} == set(range(6))
    assert {len(dealt) for dealt in points} == {1, 2, 3}
    assert (max(map(sum, points)), max(map(max, points))) == (10, 6)


def test_demo_run_again_adds_nothing() -> None:
    polls_demo(votes=95)
    first = set(Vote.objects.values_list("pk", "cast_at"))

    lines = polls_demo(votes=95, seed=8)

    assert lines[0] == "The demo polls are there already: nothing was added."
    assert set(Vote.objects.values_list("pk", "cast_at")) == first
    assert Poll.objects.count() == len(DEMO_POLLS)


@pytest.mark.django_db(transaction=True)
def test_demo_run_twice_at_once_is_loaded_once() -> None:
    start = Barrier(2)

    def run() -> str:
        start.wait(timeout=30)
        try:
            return polls_demo(votes=95)[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        runs = [threads.submit(run) for _ in range(2)]

    assert sorted(run.result() for run in runs) == [
        f"Added {len(DEMO_POLLS)} polls and 107 votes.",
        "The demo polls are there already: nothing was added.",
    ]
    assert (Poll.objects.count(), Vote.objects.count()) == (len(DEMO_POLLS), 107)


def test_demo_that_another_process_has_loaded_meanwhile_is_left_as_it_is() -> None:
    demo = Demo(guest_votes=10, seed=1)
    advance = lambda: None  # noqa: E731  nobody watches

    loaded = load(demo, advance=advance)
    first = set(Vote.objects.values_list("pk", "cast_at"))

    assert (loaded, load(demo, advance=advance)) == (True, False)
    assert set(Vote.objects.values_list("pk", "cast_at")) == first
    assert Poll.objects.count() == len(DEMO_POLLS)


def test_demo_that_fails_leaves_nothing() -> None:
    def fail() -> None:
        raise IntegrityError

    with pytest.raises(IntegrityError):
        load(Demo(guest_votes=10, seed=1), advance=fail)

    assert (Poll.objects.count(), get_user_model().objects.count()) == (0, 0)


def test_demo_in_debug_prints_the_logins(settings: Settings) -> None:
    settings.DEBUG = True

    first, second = polls_demo(votes=0), polls_demo(votes=0)

    line = "Logins: demo_admin, demo_maya, demo_jonas; password, unless it was changed: demo"
    assert first[1:] == second[1:] == [line]
    assert [authenticate(username=name, password="demo") is not None for name in LOGINS] == [True, True, True]


def test_demo_without_debug_gives_nobody_a_password() -> None:
    lines = polls_demo(votes=0)

    users = get_user_model().objects.all()
    assert lines[1:] == ["Nobody can log in as a user of the demo: give --password at the first run for that."]
    assert {user.username: user.has_usable_password() for user in users} == dict.fromkeys((*LOGINS, *VOTERS), False)
    assert {user.is_superuser or user.is_staff for user in users} == {False}


def test_demo_with_a_password_gives_it_to_the_logins() -> None:
    lines = polls_demo(votes=0, password="given")

    users = get_user_model().objects
    assert lines[1:] == ["Logins: demo_admin, demo_maya, demo_jonas; password, unless it was changed: given"]
    assert {user.username: user.check_password("given") for user in users.all()} == {
        **dict.fromkeys(LOGINS, True),
        **dict.fromkeys(VOTERS, False),
    }
    assert [user.username for user in users.filter(is_superuser=True)] == ["demo_admin"]


def test_demo_run_again_without_debug_tells_no_password() -> None:
    polls_demo(votes=0, password="given")

    assert polls_demo(votes=0) == ["The demo polls are there already: nothing was added."]


def test_demo_leaves_an_existing_account_as_it_is() -> None:
    get_user_model().objects.create_user("demo_admin", password="own")

    polls_demo(votes=0, password="given")

    user = get_user_model().objects.get(username="demo_admin")
    assert (user.check_password("own"), user.is_superuser) == (True, False)


def test_demo_size_is_given_as_a_number() -> None:
    call_command("polls_demo", "--votes", "95", stdout=StringIO())

    assert Vote.objects.count() == 95 + 2 * len(VOTERS)


@pytest.mark.parametrize("votes", ["-1", "1e3", "ten", "10000001"])
def test_demo_of_an_impossible_size_is_refused(votes: str) -> None:
    with pytest.raises(CommandError, match="a number from 0 to 10000000"):
        call_command("polls_demo", "--votes", votes)

    assert Poll.objects.count() == 0


def test_demo_shifts_have_no_more_people_than_places() -> None:
    polls_demo(votes=95)

    shifts = Poll.objects.get(title="Who takes which shift at the summer fair?")
    assert {option.capacity for option in shifts.options.all()} == {2}
    assert sorted(option.vote_count for option in shifts.options.all())[-2:] == [2, 2]
    assert findings_of(shifts.pk) == []
