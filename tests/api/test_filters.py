"""Lists of polls: what they hold, in which order, what they cost, and what they refuse."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from django_polls.identity import Voter
from django_polls.lifecycle import close_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.clock import database_now
from django_polls.models.polls import Electorate, PollQuerySet, Visibility
from django_polls.policies import Policy
from django_polls.results import outcomes_of
from django_polls.voting import cast_vote
from tests.api.conftest import client_of
from tests.api.documented import DocumentedClient
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/api/polls/"
HOUR = timedelta(hours=1)


def titles(client: DocumentedClient, query: str = "") -> list[str]:
    response = client.get(URL + query)
    assert response.status_code == 200, response.content
    return [poll["title"] for poll in response.json()["results"]]


def cast(poll: Poll, user: User | None = None) -> None:
    cast_vote(poll, Voter.from_user(user or UserFactory()), Ballot.of(poll.options.all()[0].pk))


@pytest.fixture
def polls(owner: User) -> dict[str, Poll]:
    """A poll of each status, the newest last; the draft and the scheduled one are the owner's."""
    now = database_now()
    made: dict[str, Poll] = {
        "draft": PollFactory(title="draft", is_draft=True, created_by=owner),
        "scheduled": PollFactory(title="scheduled", opens_at=now + HOUR, created_by=owner),
        "open": PollFactory(title="open", expires_at=now + 2 * HOUR, method="approval"),
        "closed": PollFactory(title="closed", description="by hand"),
        "expired": PollFactory(title="expired", expires_at=now - HOUR),
    }
    close_poll(made["closed"])
    for age, poll in enumerate(made.values()):
        Poll.objects.filter(pk=poll.pk).update(created_at=now - (5 - age) * timedelta(days=1))
    return made


def test_list_is_a_page_of_what_one_may_see_newest_first(polls: dict[str, Poll], guest: DocumentedClient) -> None:
    answer = guest.get(URL).json()

    assert {name: answer[name] for name in ("count", "next", "previous")} == {
        "count": 4,
        "next": None,
        "previous": None,
    }
    assert [poll["title"] for poll in answer["results"]] == ["expired", "closed", "open", "scheduled"]
    assert answer["results"][2] == guest.get(f"{URL}{polls['open'].pk}/").json()


FILTERS = {
    "?status=draft": [],
    "?status=scheduled": ["scheduled"],
    "?status=open": ["open"],
    "?status=closed": ["expired", "closed"],
    "?is_active=true": ["open"],
    "?is_active=false": ["expired", "closed", "scheduled"],
    "?method=approval": ["open"],
    "?method=single&status=closed": ["expired", "closed"],
    "?search=HAND": ["closed"],
    "?search=e+d": ["expired", "closed", "scheduled"],
    "?search=nothing": [],
    "?search=%25": [],
    "?search=_": [],
    "?search=": ["expired", "closed", "open", "scheduled"],
    "?ordering=title": ["closed", "expired", "open", "scheduled"],
    "?ordering=-title": ["scheduled", "open", "expired", "closed"],
    "?ordering=created_at": ["scheduled", "open", "closed", "expired"],
    "?ordering=-created_at": ["expired", "closed", "open", "scheduled"],
    "?page_size=2": ["expired", "closed"],
    "?page_size=2&page=2": ["open", "scheduled"],
    "?page_size=100000": ["expired", "closed", "open", "scheduled"],
}


@pytest.mark.parametrize(("query", "expected"), FILTERS.items())
def test_filter(query: str, expected: list[str], polls: dict[str, Poll], guest: DocumentedClient) -> None:
    assert titles(guest, query) == expected


def test_filter_by_times(polls: dict[str, Poll], guest: DocumentedClient) -> None:
    now = database_now()
    days = {number: (now - timedelta(days=number, hours=1)).isoformat().replace("+", "%2B") for number in range(6)}
    soon = (now + HOUR).isoformat().replace("+", "%2B")

    found = {
        query: titles(guest, query)
        for query in (
            f"?created_after={days[2]}",
            f"?created_before={days[2]}",
            f"?created_after={days[3]}&created_before={days[1]}",
            f"?expires_after={soon}",
            f"?expires_before={soon}",
        )
    }

    assert list(found.values()) == [
        ["expired", "closed"],
        ["open", "scheduled"],
        ["closed", "open"],
        ["open"],
        ["expired"],
    ]


def test_polls_without_a_deadline_come_last_in_either_order(polls: dict[str, Poll], guest: DocumentedClient) -> None:
    orders = [titles(guest, f"?ordering={order}") for order in ("expires_at", "-expires_at")]

    assert [order[:2] for order in orders] == [["expired", "open"], ["open", "expired"]]
    assert [set(order[2:]) for order in orders] == [{"scheduled", "closed"}] * 2


def test_filter_by_people(polls: dict[str, Poll], owner: User, guest: DocumentedClient) -> None:
    mine, other = client_of(owner), client_of(UserFactory())

    found = [
        titles(mine, "?mine=true"),
        titles(mine, "?mine=false"),
        titles(other, "?mine=true"),
        titles(guest, f"?creator={owner.pk}"),
        titles(mine, f"?creator={owner.pk}"),
        titles(guest, "?creator=987654"),
        titles(guest, f"?creator={10**17}"),
    ]

    assert found == [
        ["scheduled", "draft"],
        ["expired", "closed", "open"],
        [],
        ["scheduled"],
        ["scheduled", "draft"],
        [],
        [],
    ]


def test_needs_my_vote() -> None:
    user, group = UserFactory(), Group.objects.create(name="G")
    user.groups.add(group)
    user.user_permissions.add(Permission.objects.get(codename="view_poll"))
    fields: dict[str, dict[str, Any]] = {
        "anyone": {},
        "voted": {},
        "closed": {"expires_at": database_now() - HOUR},
        "draft": {"is_draft": True, "created_by": user},
        "users": {"electorate": Electorate.USERS},
        "my group": {"electorate": Electorate.GROUPS},
        "another group": {"electorate": Electorate.GROUPS},
        "held": {"electorate": Electorate.PERMISSION, "permission": "django_polls.view_poll"},
        "not held": {"electorate": Electorate.PERMISSION, "permission": "django_polls.add_poll"},
        "policy": {"electorate": Electorate.POLICY},
    }
    made = {title: PollFactory(title=title, **values) for title, values in fields.items()}
    made["my group"].groups.add(group)
    made["another group"].groups.add(Group.objects.create(name="H"))
    cast(made["voted"], user)
    cast(made["anyone"])

    needing = {"anyone", "users", "my group", "held"}

    assert set(titles(client_of(user), "?needs_my_vote=true")) == needing
    assert set(titles(client_of(user), "?needs_my_vote=false")) == made.keys() - needing


class EverybodyVotes(Policy):
    def votable_by(self, user: AbstractBaseUser, polls: PollQuerySet) -> PollQuerySet:
        return polls


@override_settings(DJANGO_POLLS_POLICY="tests.api.test_filters.EverybodyVotes")
def test_needs_my_vote_asks_the_policy() -> None:
    PollFactory(title="policy", electorate=Electorate.POLICY)

    assert titles(client_of(UserFactory()), "?needs_my_vote=true") == ["policy"]


@pytest.mark.parametrize("query", ["?mine=true", "?needs_my_vote=false"])
def test_filter_by_oneself_is_for_users(query: str, guest: DocumentedClient) -> None:
    response = guest.get(URL + query)

    assert (response.status_code, response.json()["code"]) == (403, "authentication_required")


REFUSED = (
    *(
        "status=x",
        "status=OPEN",
        "status=open%00",
        "is_active=1",
        "is_active=True",
        "is_active=yes",
        "mine=x",
        "method=x",
    ),
    *("creator=x", "creator=1.0", "creator=%2B1", "creator=1_0", "creator=" + "9" * 5_000, "creator=%00", "creator=-0"),
    *("creator=9223372036854775808", "creator=-9223372036854775809", "creator=" + "9" * 23),
    *("created_after=x", "created_before=2030-99-01", "expires_after=1", "expires_before=" + "1" * 5_000),
    *("search=" + "x" * 201, "search=" + "+".join("abcdefghi"), "search=%00", "search=" + "x+" * 750),
    *("ordering=votes", "ordering=vote_count", "ordering=-id", "ordering=title,created_at", "ordering=title'--"),
    *(
        "ordering=created_by__password",
        "ordering=%00",
        "page=0",
        "page=-1",
        "page=x",
        "page=1.0",
        "page=",
        "page=%D9%A1",
    ),
    *("page=" + "9" * 30, "page=" + "9" * 5_000, "page_size=0", "page_size=-1", "page_size=x", "page_size=" + "9" * 30),
    *("votes__gt=3", "limit=1", "offset=1", "title__regex=x", "created_by__password=x", "format=api", "x=1", "=1"),
    *("status=open&status=closed", "page=1&page=1", "a=%ED%A0%80", "options__text=x", "%00=1", "x" * 5_000 + "=1"),
)


@pytest.mark.parametrize("query", REFUSED, ids=lambda query: query[:30])
def test_query_refused(query: str, owner: User) -> None:
    PollFactory()

    response = client_of(owner).get(f"{URL}?{query}")

    assert (response.status_code, response.json()["code"]) == (400, "invalid_query")
    assert len(response.json()["errors"]) == 1


def test_query_of_too_many_parameters(guest: DocumentedClient) -> None:
    response = guest.get(URL + "?" + "&".join(["a=1"] * 1_001))

    assert (response.status_code, response.json()["code"]) == (400, "parse_error")


def test_page_beyond_the_last(guest: DocumentedClient) -> None:
    response = guest.get(f"{URL}?page=1000000")

    assert (response.status_code, response.json()["code"]) == (404, "page_not_found")


def test_pages_hold_each_poll_once(guest: DocumentedClient) -> None:
    now = database_now()
    made = PollFactory.create_batch(7, created_at=now, expires_at=now + HOUR)

    for order in ("", "&ordering=created_at", "&ordering=-expires_at", "&ordering=title", "&ordering=-title"):
        pages = [guest.get(f"{URL}?page_size=2&page={page}{order}").json()["results"] for page in (1, 2, 3, 4)]
        assert sorted(poll["id"] for page in pages for poll in page) == sorted(str(poll.pk) for poll in made)


def test_links_to_the_next_pages(guest: DocumentedClient) -> None:
    PollFactory.create_batch(3)

    answer = guest.get(f"{URL}?page=2&page_size=1&status=open").json()

    assert (answer["next"], answer["previous"]) == (
        "http://testserver/api/polls/?page=3&page_size=1&status=open",
        "http://testserver/api/polls/?page_size=1&status=open",
    )


# Statements: for a guest, those of the count, the page, options, groups, own votes, outcomes and ballots; for a user
# also the session, the user and two of permissions.
COSTS = {"guest": 7, "user": 11, "manager": 11}


@pytest.mark.parametrize("role", COSTS)
@pytest.mark.parametrize("number", [1, 3])
def test_statements_of_a_list(role: str, number: int, owner: User) -> None:
    for visibility in (Visibility.ALWAYS, Visibility.AFTER_VOTE):
        for poll in PollFactory.create_batch(number, visibility=visibility, created_by=UserFactory()):
            cast(poll)
    manager = UserFactory()
    manager.user_permissions.add(Permission.objects.get(codename="change_poll"))
    client = client_of({"guest": None, "user": UserFactory(), "manager": manager}[role])

    with CaptureQueriesContext(connection) as captured:
        client.get(URL)

    assert len(captured) == COSTS[role], [query["sql"][:80] for query in captured.captured_queries]


@pytest.mark.parametrize("number", [1, 3])
def test_statements_of_a_list_of_approval_polls(number: int, guest: DocumentedClient) -> None:
    made = PollFactory.create_batch(number, method="approval")
    for poll in made:
        cast(poll)
    outcomes_of(made)

    with CaptureQueriesContext(connection) as captured:
        guest.get(URL)

    assert len(captured) == 6


@pytest.mark.parametrize(("tail", "costs"), [("", [5, 9]), ("results/", [5, 9]), ("vote/", [4, 8])])
def test_statements_of_one_poll(tail: str, costs: list[int], owner: User) -> None:
    poll = PollFactory(options=5)
    cast(poll)
    found = []
    for client in (client_of(None), client_of(owner)):
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{URL}{poll.pk}/{tail}")
        found.append(len(captured))

    assert found == costs
