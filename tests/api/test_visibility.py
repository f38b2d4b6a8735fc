"""Results are shown to whom the poll shows them, cached where everybody sees them, and leave no trace elsewhere."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from django_polls.identity import Voter
from django_polls.lifecycle import close_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.clock import database_now
from django_polls.models.polls import Status, Until, Visibility
from django_polls.policies import Policy
from django_polls.results import finalise
from django_polls.voting import cast_vote, replace_vote
from tests.api.conftest import client_of
from tests.api.documented import DocumentedClient
from tests.api.outcomes import ballot
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db

HIDDEN = {"code": "results_hidden", "detail": "You may not see the results of this poll now."}
PRIVATE, PUBLIC = "private, no-store", "public, no-cache"

# Who sees the results of an open poll, and of a closed one.
EXPECTED = """
             | open: guest user voter owner manager | closed: guest user voter owner manager
always       |       yes   yes  yes   yes   yes     |         yes   yes  yes   yes   yes
after_vote   |       no    no   yes   no    no      |         yes   yes  yes   yes   yes
after_close  |       no    no   no    no    no      |         yes   yes  yes   yes   yes
managers     |       no    no   no    yes   yes     |         no    no   no    yes   yes
never        |       no    no   no    no    no      |         no    no   no    no    no
"""
ROLES = ("guest", "user", "voter", "owner", "manager")


@pytest.fixture
def people(owner: User) -> dict[str, User | None]:
    manager = UserFactory()
    manager.user_permissions.add(Permission.objects.get(codename="change_poll"))
    return {"guest": None, "user": UserFactory(), "voter": UserFactory(), "owner": owner, "manager": manager}


def rows() -> list[tuple[str, bool, list[str]]]:
    lines = [line.split("|") for line in EXPECTED.strip().splitlines()[1:]]
    return [
        (name.strip(), is_closed, cells[is_closed].split()) for name, *cells in lines for is_closed in (False, True)
    ]


@pytest.mark.parametrize(("visibility", "is_closed", "expected"), rows())
def test_who_sees_results(
    visibility: str, is_closed: bool, expected: list[str], people: dict[str, User | None]
) -> None:
    poll = PollFactory(visibility=visibility, created_by=people["owner"])
    first = poll.options.all()[0]
    for user in (people["voter"], *UserFactory.create_batch(2)):
        assert user is not None
        cast_vote(poll, Voter.from_user(user), Ballot.of(first.pk))
    if is_closed:
        close_poll(poll)

    seen = {}
    for role, user in people.items():
        client = client_of(user)
        results = client.get(f"/api/polls/{poll.pk}/results/")
        detail, listed = client.get(f"/api/polls/{poll.pk}/").json(), client.get("/api/polls/").json()["results"][0]
        counts = [detail["votes"], *(option["vote_count"] for option in detail["options"])]
        assert listed == detail
        assert counts == ([3, 3, 0] if results.status_code == 200 else [None] * 3)
        assert results.status_code == 200 or results.json() == HIDDEN
        seen[role] = "yes" if results.status_code == 200 else "no"

    assert seen == dict(zip(ROLES, expected, strict=True))


def test_results_are_the_outcome(guest: DocumentedClient) -> None:
    poll = PollFactory(options=3)
    first, second, third = poll.options.all()
    for option in (second, second, third):
        cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(option.pk))

    answer = guest.get(f"/api/polls/{poll.pk}/results/").json()

    assert answer == {
        "poll": str(poll.pk),
        "method": "single",
        "is_final": False,
        "votes": 3,
        "base": 3,
        "options": [
            {
                "id": option.pk,
                "text": option.text,
                "position": option.position,
                "capacity": None,
                "vote_count": count,
                "share_of_votes": share,
                "share_of_marks": share,
            }
            for option, count, share in ((first, 0, "0.0000"), (second, 2, "0.6667"), (third, 1, "0.3333"))
        ],
        "winners": [second.pk],
        "tie_rule": "seed",
        "tie_seed_hash": poll.tie_seed_hash,
        "tie_seed": None,
        "explanation": ["Votes: Option 1 (0), Option 2 (2), Option 3 (1).", "Option 2 wins."],
    }


def test_results_are_the_same_bytes_closed_by_the_clock_and_stored(guest: DocumentedClient) -> None:
    poll = PollFactory()
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[0].pk))
    Poll.objects.filter(pk=poll.pk).update(expires_at=database_now())
    url = f"/api/polls/{poll.pk}/results/"

    by_clock = guest.get(url)
    finalise(Poll.objects.get(pk=poll.pk))

    assert by_clock.json()["is_final"] is True
    assert guest.get(url).content == by_clock.content


def test_public_results_are_validated(guest: DocumentedClient) -> None:
    poll = PollFactory()
    option, url = poll.options.all()[0], f"/api/polls/{poll.pk}/results/"

    first = guest.get(url)
    etag = first.headers["ETag"]
    known = [guest.get(url, headers={"if-none-match": value}) for value in (etag, f'"x", W/{etag}', "*")]
    by_user = client_of(UserFactory()).get(url)
    unknown = [guest.get(url, headers={"if-none-match": value}) for value in ('"x"', "", "nonsense", etag[:-2])]
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(option.pk))
    after = guest.get(url, headers={"if-none-match": etag})

    assert (first.headers["Cache-Control"], by_user.headers["ETag"]) == (PUBLIC, etag)
    assert [(answer.status_code, answer.content, answer.headers["ETag"]) for answer in known] == [(304, b"", etag)] * 3
    assert {answer.headers["Cache-Control"] for answer in known} == {PUBLIC}
    assert [answer.status_code for answer in unknown] == [200] * 4
    assert (after.status_code, after.headers["ETag"] != etag) == (200, True)
    assert guest.head(url).headers["ETag"] == after.headers["ETag"]


@pytest.mark.parametrize("visibility", ["after_vote", "managers"])
def test_results_for_some_are_for_no_cache(visibility: str, owner: User) -> None:
    poll = PollFactory(visibility=visibility, created_by=owner)
    cast_vote(poll, Voter.from_user(owner), Ballot.of(poll.options.all()[0].pk))

    response = client_of(owner).get(f"/api/polls/{poll.pk}/results/", headers={"if-none-match": "*"})

    assert (response.status_code, response.headers["Cache-Control"]) == (200, PRIVATE)
    assert response.headers.get("ETag") is None


def test_results_of_a_draft_are_for_no_cache(owner: User) -> None:
    poll = PollFactory(is_draft=True, created_by=owner)

    response = client_of(owner).get(f"/api/polls/{poll.pk}/results/")

    assert (response.status_code, response.headers["Cache-Control"]) == (200, PRIVATE)


class MembersOnly(Policy):
    """A host that shows everything to its members, and nothing to guests."""

    def sees_results(self, viewer: Voter | None, poll: Poll, *, status: Status, has_voted: bool) -> bool:
        return viewer is not None and viewer.user is not None


def test_results_that_a_hosts_policy_hides_from_guests_are_for_no_cache(guest: DocumentedClient) -> None:
    url = f"/api/polls/{PollFactory().pk}/results/"

    with override_settings(DJANGO_POLLS_POLICY=f"{__name__}.MembersOnly"):
        answers = client_of(UserFactory()).get(url), guest.get(url)

    assert [(answer.status_code, answer.headers["Cache-Control"]) for answer in answers] == [
        (200, PRIVATE),
        (403, PRIVATE),
    ]


def test_everything_else_is_for_no_cache(guest: DocumentedClient, owner: User) -> None:
    poll = PollFactory(created_by=owner)
    client, url = client_of(owner), f"/api/polls/{poll.pk}/"

    answers = [
        guest.get("/api/polls/"),
        guest.get(url),
        guest.get(f"{url}vote/"),
        guest.get("/api/polls/x/"),
        guest.post(f"{url}vote/", {"option_id": poll.options.all()[0].pk}),
        guest.get(f"{url}results/", headers={"accept": "text/html"}),
        client.patch(url, {"correction": "X", "revision": poll.revision}),
        client.post(f"{url}close/"),
        client.options(url),
        client.delete(f"{url}?with_votes=true"),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 200, 406, 200, 200, 204, 204]
    assert {answer.headers["Cache-Control"] for answer in answers} == {PRIVATE}
    assert {answer.headers.get("ETag") for answer in answers} == {None}


# Two worlds that differ only in how people voted must look the same to whoever may not see results.

PATHS = (
    *(
        "",
        "?ordering=title",
        "?ordering=-expires_at",
        "?search=Test",
        "?status=open",
        "?is_active=true",
        "?page_size=1",
    ),
    *(
        "{id}/results/comparison/",
        "{id}/",
        "{id}/results/",
        "{id}/vote/",
        "{id}/?ordering=votes",
        "?ordering=votes",
        "?votes__gt=0",
        "nonsense/",
    ),
)


def view_of(client: DocumentedClient, poll: Poll) -> list[Any]:
    answers: list[Any] = [client.get("/api/polls/" + path.format(id=poll.pk)) for path in PATHS]
    answers += [client.options(f"/api/polls/{poll.pk}/results/"), client.head(f"/api/polls/{poll.pk}/results/")]
    wrong = {"option_id": -1}
    answers += [client.post(f"/api/polls/{poll.pk}/vote/", wrong), client.put(f"/api/polls/{poll.pk}/vote/", wrong)]
    answers += [client.delete(f"/api/polls/{poll.pk}/vote/"), client.delete(f"/api/polls/{poll.pk}/")]
    return [(answer.status_code, answer.content, sorted(answer.headers.items())) for answer in answers]


# What all voters have on their ballots in the one world, and most of them in the other.
WORLDS = {
    "single": ("a", "b"),
    "approval": ("a", "a b"),
    "ranked": ("a:1 b:2", "b:1"),
    "score": ("a=5 b=1", "a=0 b=4"),
}


@pytest.mark.any_database
@pytest.mark.parametrize("method", WORLDS)
@pytest.mark.parametrize(
    ("visibility", "blind"),
    [
        ("after_vote", ("guest", "user", "owner", "manager")),
        ("after_close", ROLES),
        ("managers", ("guest", "user", "voter")),
        ("never", ROLES),
    ],
)
def test_two_worlds_look_the_same(
    visibility: str, blind: tuple[str, ...], method: str, people: dict[str, User | None]
) -> None:
    soon = database_now() + timedelta(hours=1)
    poll = PollFactory(
        visibility=visibility, created_by=people["owner"], method=method, vote_change=Until.CLOSE, expires_at=soon
    )
    first, second = (ballot(body, [option.pk for option in poll.options.all()]) for body in WORLDS[method])
    voters = [Voter.from_user(user) for user in UserFactory.create_batch(4)]
    assert people["voter"] is not None
    cast_vote(poll, Voter.from_user(people["voter"]), first)
    for voter in voters:
        cast_vote(poll, voter, first)
    clients = {role: client_of(people[role]) for role in blind}

    one_world = {role: view_of(client, poll) for role, client in clients.items()}
    for voter in voters:
        replace_vote(poll, voter, second)
    other_world = {role: view_of(client, poll) for role, client in clients.items()}

    assert other_world == one_world


def test_reading_writes_nothing(owner: User) -> None:
    polls = [PollFactory(visibility=visibility, created_by=owner) for visibility in Visibility]
    polls.append(PollFactory(expires_at=database_now() - timedelta(hours=1)))
    paths = ["/api/polls/", *(f"/api/polls/{poll.pk}/{tail}" for poll in polls for tail in ("", "vote/", "results/"))]

    with CaptureQueriesContext(connection) as captured:
        for client in (client_of(None), client_of(owner)):
            for path in paths:
                client.get(path)
                client.head(path)
                client.options(path)

    written = [query["sql"] for query in captured.captured_queries if not query["sql"].startswith("SELECT")]
    # Logging in is the test's own doing.
    assert [sql for sql in written if "django_polls" in sql] == []
