"""Casting, replacing, reading and withdrawing a vote over the API, and what each costs the database."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.models import Group
from django.core import signing
from django.core.handlers.asgi import ASGIHandler
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from django_polls import definitions
from django_polls.identity import Voter
from django_polls.lifecycle import PollDraft, close_poll, edit_poll
from django_polls.methods.approval import Approval
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, PollOption, Vote
from django_polls.models.polls import Electorate, GuestIdentity, Until
from django_polls.signals import vote_refused
from django_polls.voting import cast_vote
from tests.api.conftest import client_of
from tests.api.documented import DocumentedClient
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db

JSON = "application/json"
NO_VOTE = {"has_voted": False, "option_ids": None, "cast_at": None}


def url(poll: Poll) -> str:
    return f"/api/polls/{poll.pk}/vote/"


def vote(client: DocumentedClient, option: PollOption, *, method: str = "post", **extra: object) -> tuple[int, str]:
    """Vote for an option of a single-choice poll, and return the status and the code of the answer."""
    response = getattr(client, method)(url(option.poll), {"option_id": option.pk, **extra}, format="json")
    return response.status_code, response.json().get("code", "")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements of a block, those that only mark the bounds of transactions left out."""
    found: list[str] = []
    with CaptureQueriesContext(
        connection,
    ) as captured:
        yield found
    bounds = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK", "BEGIN", "COMMIT")
    found += [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(bounds)]


def test_vote_answers_the_vote(guest: DocumentedClient) -> None:
    poll = PollFactory()
    option = poll.options.all()[0]

    response = guest.post(url(poll), {"option_id": option.pk}, format="json")

    stored = Vote.objects.get()
    cast_at = stored.cast_at.isoformat().replace("+00:00", "Z")
    assert (response.status_code, response.json()) == (
        200,
        {"has_voted": True, "option_ids": [option.pk], "cast_at": cast_at},
    )
    assert response.headers["Cache-Control"] == "private, no-store"
    assert guest.get(url(poll)).json() == response.json()


def test_vote_for_several_options(guest: DocumentedClient) -> None:
    poll = PollFactory(method="approval", options=3)
    first, second, third = poll.options.all()

    response = guest.post(url(poll), {"option_ids": [third.pk, first.pk]}, format="json")

    assert (response.status_code, response.json()["option_ids"]) == (200, [first.pk, third.pk])
    assert [option.vote_count for option in (first, second, third)] == [1, 0, 1]


def test_approval_limits_are_told(guest: DocumentedClient) -> None:
    poll = PollFactory(method="approval", options=3, min_options=1, max_options=2)
    ids = [option.pk for option in poll.options.all()]

    bodies: tuple[list[int], ...] = ([], ids, ids[:1] * 2)
    answers = [guest.post(url(poll), {"option_ids": body}, format="json").json() for body in bodies]

    limits = {"min_options": 1, "max_options": 2}
    assert answers == [
        {"code": "too_few_options", "detail": "Mark at least 1 options.", "limits": limits},
        {"code": "too_many_options", "detail": "Mark at most 2 options.", "limits": limits},
        {"code": "duplicate_option", "detail": "An option can be marked only once."},
    ]
    assert Vote.objects.count() == 0


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("single", {"option_ids": [1]}),
        ("single", {"option_id": 1, "option_ids": [1]}),
        ("approval", {"option_id": 1}),
        ("single", {}),
        ("single", {"revision": 1}),
        ("single", {"option_id": 1, "revision": "1"}),
        ("single", {"option_id": 1, "revision": True}),
        ("single", {"option_id": 1, "voter": 1}),
    ],
)
def test_vote_that_is_no_ballot_of_the_method(method: str, body: dict[str, object], guest: DocumentedClient) -> None:
    response = guest.post(url(PollFactory(method=method)), body, format="json")

    assert (response.status_code, response.json()["code"]) == (400, "invalid_ballot")


def test_vote_with_the_revision_seen(guest: DocumentedClient) -> None:
    poll = PollFactory()
    option = poll.options.all()[0]

    stale = vote(guest, option, revision=poll.revision - 1)
    current = vote(guest, option, revision=poll.revision)

    assert (stale, current) == ((409, "poll_changed"), (200, ""))


def test_replace_is_repeatable_and_changes_where_allowed(guest: DocumentedClient) -> None:
    fixed, free = PollFactory(), PollFactory(vote_change=Until.CLOSE)
    answers = []
    for poll in (fixed, free):
        first, second = poll.options.all()
        answers += [vote(guest, option, method="put") for option in (first, first, second)]

    assert answers == [(200, ""), (200, ""), (409, "change_not_allowed"), (200, ""), (200, ""), (200, "")]
    assert [option.vote_count for poll in (fixed, free) for option in poll.options.all()] == [1, 0, 0, 1]


def test_withdraw(guest: DocumentedClient) -> None:
    poll = PollFactory(vote_withdrawal=Until.CLOSE)
    option = poll.options.all()[0]
    vote(guest, option)

    first, second = guest.delete(url(poll)), guest.delete(url(poll))

    assert (first.status_code, first.content) == (204, b"")
    assert (second.status_code, second.json()["code"]) == (404, "vote_not_found")
    assert (option.vote_count, guest.get(url(poll)).json()) == (0, NO_VOTE)


def test_withdraw_where_it_is_not_allowed(guest: DocumentedClient) -> None:
    option = PollFactory().options.all()[0]
    vote(guest, option)

    response = guest.delete(url(option.poll))

    assert (response.status_code, response.json()["code"], option.vote_count) == (409, "withdrawal_not_allowed", 1)


def test_users_vote_apart_from_their_address() -> None:
    option = PollFactory().options.all()[0]
    clients = [client_of(user) for user in (None, UserFactory(), UserFactory())]

    first = [vote(client, option)[0] for client in clients]
    second = [vote(client, option) for client in clients]

    assert (first, second, option.vote_count) == ([200] * 3, [(400, "already_voted")] * 3, 3)


def test_electorates() -> None:
    group, member, outsider = Group.objects.create(name="G"), UserFactory(), UserFactory()
    member.groups.add(group)
    for_users = PollFactory(electorate=Electorate.USERS).options.all()[0]
    grouped = PollFactory(electorate=Electorate.GROUPS)
    grouped.groups.add(group)
    for_group = grouped.options.all()[0]

    answers = [
        vote(client_of(None), for_users),
        vote(client_of(outsider), for_users),
        vote(client_of(None), for_group),
        vote(client_of(outsider), for_group),
        vote(client_of(member), for_group),
    ]

    assert answers == [
        (403, "authentication_required"),
        (200, ""),
        (403, "authentication_required"),
        (403, "not_eligible"),
        (200, ""),
    ]


def test_guest_with_a_cookie() -> None:
    poll = PollFactory(guest_identity=GuestIdentity.COOKIE)
    option = poll.options.all()[0]
    first, second = client_of(None), client_of(None)

    without = vote(first, option)
    handed = first.get(url(poll))
    again = first.get(url(poll))
    second.get(url(poll))
    answers = [vote(first, option), vote(first, option), vote(second, option)]

    cookie = handed.cookies["django_polls_voter"]
    assert (without, handed.json()) == ((403, "voter_token_required"), NO_VOTE)
    assert (cookie["httponly"], cookie["samesite"], again.cookies) == (True, "Lax", {})
    assert (answers, option.vote_count) == ([(200, ""), (400, "already_voted"), (200, "")], 2)


@pytest.mark.parametrize("value", ["", "a", "0" * 32, signing.Signer(salt="another").sign("0" * 32), "é", "x:y", ":"])
def test_forged_cookie_is_no_voter(value: str, guest: DocumentedClient) -> None:
    option = PollFactory(guest_identity=GuestIdentity.COOKIE).options.all()[0]
    guest.cookies["django_polls_voter"] = value

    assert vote(guest, option) == (403, "voter_token_required")


def test_no_cookie_for_users_and_for_polls_by_address(guest: DocumentedClient) -> None:
    by_cookie, by_address = PollFactory(guest_identity=GuestIdentity.COOKIE), PollFactory()

    answers = [client_of(UserFactory()).get(url(by_cookie)), guest.get(url(by_address)), guest.head(url(by_address))]

    assert ["django_polls_voter" in answer.cookies for answer in answers] == [False] * 3


def test_address_behind_an_undeclared_proxy(guest: DocumentedClient) -> None:
    option = PollFactory().options.all()[0]
    forwarded = {"x-forwarded-for": "198.51.100.1"}

    response = guest.post(url(option.poll), {"option_id": option.pk}, headers=forwarded)

    assert (response.status_code, response.json()["code"]) == (403, "voter_address_unknown")
    assert guest.get(url(option.poll), headers=forwarded).json() == NO_VOTE


def test_guest_without_a_cookie_is_asked_to_log_in_where_the_poll_is_for_users(guest: DocumentedClient) -> None:
    poll = PollFactory(electorate=Electorate.USERS, guest_identity=GuestIdentity.COOKIE)

    assert vote(guest, poll.options.all()[0]) == (403, "authentication_required")


@pytest.mark.django_db(transaction=True)
def test_refusal_before_anybody_is_known_is_announced(guest: DocumentedClient) -> None:
    poll = PollFactory(guest_identity=GuestIdentity.COOKIE, vote_withdrawal=Until.CLOSE)
    option = poll.options.all()[0]
    heard: list[tuple[object, object, object]] = []

    def hear(**told: object) -> None:
        heard.append((told["poll"], told["voter"], told["code"]))

    vote_refused.connect(hear)
    try:
        vote(guest, option)
        vote(guest, option, method="put")
        guest.post(url(poll), {"nonsense": 1}, format="json")
        guest.delete(url(poll))
    finally:
        vote_refused.disconnect(hear)

    codes = ["voter_token_required", "voter_token_required", "invalid_ballot", "voter_token_required"]
    assert heard == [(poll, None, code) for code in codes]


def test_poll_of_a_method_that_the_site_has_no_longer(guest: DocumentedClient) -> None:
    poll = PollFactory()
    option = poll.options.all()[0]
    vote(guest, option)
    Poll.objects.update(method="gone")
    definitions._kept.clear()

    answers = [vote(guest, option), vote(guest, option, method="put")]
    results = guest.get(f"/api/polls/{poll.pk}/results/")
    shown = guest.get(f"/api/polls/{poll.pk}/")

    assert answers == [(409, "method_unavailable")] * 2
    assert (results.status_code, results.json()) == (
        409,
        {
            "code": "method_unavailable",
            "detail": "This site has no voting method gone now, which this poll needs.",
            "limits": {"method": "gone"},
        },
    )
    assert (shown.status_code, shown.json()["votes"], Vote.objects.count()) == (200, None, 1)


class Whispered(Approval):
    key = "whispered"
    fields = ("whisper",)


@override_settings(DJANGO_POLLS_METHODS=["tests.api.test_vote.Whispered"])
def test_field_of_a_method_that_the_api_cannot_read_is_refused(guest: DocumentedClient) -> None:
    poll = PollFactory(method="whispered")

    answers = [guest.post(url(poll), body, format="json") for body in ({"whisper": 1}, {})]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "invalid_ballot")] * 2


def test_stored_outcome_of_a_poll_whose_method_is_gone_is_shown(guest: DocumentedClient) -> None:
    poll = PollFactory()
    vote(guest, poll.options.all()[0])
    close_poll(poll)
    Poll.objects.update(method="gone")

    shown, results = guest.get(f"/api/polls/{poll.pk}/"), guest.get(f"/api/polls/{poll.pk}/results/")

    assert [answer.json()["votes"] for answer in (shown, results)] == [1, 1]


def test_vote_without_the_last_slash_is_a_vote() -> None:
    option = PollFactory().options.all()[0]
    guest, path = Client(), url(option.poll).removesuffix("/")

    answers = [guest.post(path, {"option_id": option.pk}), guest.get(path)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (answers[1].json()["option_ids"], option.vote_count) == ([option.pk], 1)


def test_nobody_votes_as_another(guest: DocumentedClient) -> None:
    option, victim = PollFactory(electorate=Electorate.USERS).options.all()[0], UserFactory()
    headers = {name: str(victim.pk) for name in ("x-user", "user", "remote-user", "x-remote-user", "x-forwarded-user")}

    response = guest.post(f"{url(option.poll)}?user={victim.pk}", {"option_id": option.pk}, headers=headers)

    assert (response.status_code, response.json()["code"]) == (403, "authentication_required")
    assert Vote.objects.count() == 0


@pytest.mark.parametrize(
    "headers",
    [{"x-http-method-override": "DELETE"}, {"x-method-override": "DELETE"}],
)
def test_method_is_never_overridden(headers: dict[str, str], guest: DocumentedClient) -> None:
    option = PollFactory(vote_withdrawal=Until.CLOSE).options.all()[0]
    vote(guest, option)

    answers = [
        guest.post(url(option.poll), {"option_id": option.pk}, headers=headers).json()["code"],
        guest.post(url(option.poll), {"option_id": option.pk, "_method": "DELETE"}).json()["code"],
    ]

    assert (answers, option.vote_count) == (["already_voted", "invalid_ballot"], 1)


def test_votes_by_reading_count_for_nobody(guest: DocumentedClient) -> None:
    option = PollFactory().options.all()[0]
    path = f"{url(option.poll)}?option_id={option.pk}"

    statuses = [getattr(guest, method)(path).status_code for method in ("get", "head", "options")]

    assert (statuses, Vote.objects.count()) == ([200, 200, 204], 0)


async def asgi_vote(option: PollOption, address: str) -> tuple[int, str]:
    """Vote as a guest at this address through Django's ASGI handler, and return the status and the code."""
    body = json.dumps({"option_id": option.pk}).encode()
    headers = {b"host": b"testserver", b"content-type": JSON.encode(), b"content-length": str(len(body)).encode()}
    scope = {
        "type": "http",
        "method": "POST",
        "path": url(option.poll),
        "query_string": b"",
        "headers": headers.items(),
    }
    server: Any = ApplicationCommunicator(ASGIHandler(), {**scope, "client": [address, 1]})  # type: ignore[no-untyped-call]
    await server.send_input({"type": "http.request", "body": body})
    status, content = (await server.receive_output(timeout=10))["status"], (await server.receive_output())["body"]
    await server.wait(timeout=10)
    return status, json.loads(content).get("code", "")


@pytest.mark.django_db(transaction=True)
def test_votes_of_guests_under_asgi() -> None:
    option = PollFactory().options.all()[0]

    async def answers() -> list[tuple[int, str]]:
        return [await asgi_vote(option, address) for address in ("203.0.113.1", "203.0.113.1", "203.0.113.2")]

    assert async_to_sync(answers)() == [(200, ""), (400, "already_voted"), (200, "")]
    assert option.vote_count == 2


# A process that read a poll before another process edited it.


def known_before(poll: Poll, **changes: object) -> Poll:
    """Let this process know the poll, then edit it as another process would."""
    definitions.load(poll.pk, "default")
    kept = dict(definitions._kept)
    edit_poll(poll, PollDraft(changes))
    definitions._kept.update(kept)
    return poll


def test_old_copy_with_another_method(guest: DocumentedClient) -> None:
    poll = known_before(PollFactory(is_draft=True), method="approval", is_draft=False)

    response = guest.post(url(poll), {"option_ids": [poll.options.all()[0].pk]}, format="json")

    assert response.status_code == 200


def test_old_copy_of_a_draft(guest: DocumentedClient) -> None:
    poll = known_before(PollFactory(is_draft=True), is_draft=False)

    assert vote(guest, poll.options.all()[0]) == (200, "")


def test_old_copy_of_what_is_a_draft_now(guest: DocumentedClient) -> None:
    poll = known_before(PollFactory(), is_draft=True)

    answers = [
        guest.post(url(poll), body, format="json").json()
        for body in ({"option_id": poll.options.all()[0].pk}, {"option_id": "x"}, {"nonsense": 1})
    ]

    assert answers == [{"code": "not_found", "detail": "There is no such poll."}] * 3


def test_old_copy_by_address_of_a_poll_by_cookie(guest: DocumentedClient) -> None:
    poll = known_before(PollFactory(), guest_identity=GuestIdentity.COOKIE)
    option = poll.options.all()[0]

    without = vote(guest, option)
    guest.get(url(poll))

    assert (without, vote(guest, option)) == ((403, "voter_token_required"), (200, ""))


def test_old_copy_by_address_for_a_guest_with_a_cookie(guest: DocumentedClient) -> None:
    guest.get(url(PollFactory(guest_identity=GuestIdentity.COOKIE)))
    poll = known_before(PollFactory(), guest_identity=GuestIdentity.COOKIE)

    assert vote(guest, poll.options.all()[0]) == (200, "")


def test_old_copy_by_cookie_of_a_poll_by_address(guest: DocumentedClient) -> None:
    poll = known_before(PollFactory(guest_identity=GuestIdentity.COOKIE), guest_identity=GuestIdentity.ADDRESS)

    assert vote(guest, poll.options.all()[0]) == (200, "")


# What a vote costs.


@pytest.fixture
def poll() -> Poll:
    """A poll that this process knows, with a ballot for its first option that it knows too."""
    poll: Poll = PollFactory()
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[0].pk))
    return poll


def cost_of(client: DocumentedClient, poll: Poll, position: int, method: str = "post") -> int:
    body = {"option_id": poll.options.all()[position].pk}
    with statements() as found:
        getattr(client, method)(url(poll), body, format="json")
    return len(found)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_statements_of_a_vote(poll: Poll, guest: DocumentedClient) -> None:
    first, second, third = (client_at(f"203.0.113.{host}") for host in (1, 2, 3))

    known = cost_of(first, poll, 0)
    refused = cost_of(first, poll, 0)
    repeated = cost_of(first, poll, 0, "put")
    new_ballot = cost_of(second, poll, 1)
    definitions._kept.clear()
    definitions.load(poll.pk, "default")
    ballot_new_to_this_process = cost_of(third, poll, 1)

    assert (known, refused, repeated, new_ballot, ballot_new_to_this_process) == (1, 2, 2, 2, 3)


@pytest.mark.django_db(transaction=True)
def test_statements_of_a_vote_on_any_database(poll: Poll, guest: DocumentedClient) -> None:
    known, refused, repeated = (cost_of(guest, poll, 0, method) for method in ("post", "post", "put"))
    new_ballot = cost_of(client_at("203.0.113.1"), poll, 1)

    assert max(known, refused, repeated) <= 5
    # MariaDB locks the poll before the ballot refers to it, and reads the clock after that.
    assert new_ballot <= (6 if connection.vendor == "mysql" else 5)


def client_at(address: str) -> DocumentedClient:
    client = DocumentedClient()
    client.defaults["REMOTE_ADDR"] = address
    return client
