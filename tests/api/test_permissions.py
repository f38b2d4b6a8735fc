"""Requests that another site's page makes a browser send: refused for guests here, for sessions by Django's tokens."""

import pytest
from django.contrib.auth.models import User
from django.middleware.csrf import _get_new_csrf_string
from django.test import override_settings
from rest_framework.authtoken.models import Token

from django_polls.models import Poll, Vote
from django_polls.models.polls import GuestIdentity
from tests.api.documented import DocumentedClient
from tests.factories import PollFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

CROSS_SITE = {"code": "cross_site_request", "detail": "This request came from another site."}


@pytest.fixture
def poll() -> Poll:
    made: Poll = PollFactory()
    return made


def vote(client: DocumentedClient, poll: Poll, headers: dict[str, str], method: str = "post") -> tuple[int, str]:
    call = getattr(client, method)
    response = call(f"/api/polls/{poll.pk}/vote/", {"option_id": poll.options.all()[0].pk}, headers=headers)
    return response.status_code, response.json().get("code", "") if response.content else ""


FOREIGN: list[dict[str, str]] = [
    {"origin": "https://evil.example"},
    {"origin": "https://testserver"},
    {"origin": "http://testserver:8080"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "http://["},
    {"origin": "http://testserver "},
    {"origin": "HTTP://TESTSERVER"},
    {"sec-fetch-site": "cross-site"},
    {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
    {"origin": "https://evil.example", "x-forwarded-host": "evil.example"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_guest_from_another_site(headers: dict[str, str], guest: DocumentedClient, poll: Poll) -> None:
    answers = [vote(guest, poll, headers, method) for method in ("post", "put", "delete")]

    assert answers == [(403, "cross_site_request")] * 3
    assert Vote.objects.count() == 0


HOME: list[dict[str, str]] = [
    {},
    {"origin": "http://testserver"},
    {"origin": "http://testserver", "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"referer": "https://evil.example/"},
    {"origin": "https://app.example", "sec-fetch-site": "cross-site"},
    {"origin": "https://a.b.partner.example"},
]


@pytest.mark.parametrize("headers", HOME, ids=str)
@override_settings(CSRF_TRUSTED_ORIGINS=["https://app.example", "https://*.partner.example"])
def test_guest_from_this_site_or_a_trusted_one(headers: dict[str, str], guest: DocumentedClient, poll: Poll) -> None:
    assert vote(guest, poll, headers) == (200, "")


def test_reading_from_another_site(guest: DocumentedClient, poll: Poll) -> None:
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}

    statuses = [
        getattr(guest, method)(f"/api/polls/{poll.pk}/{tail}", headers=headers).status_code
        for method in ("get", "head", "options")
        for tail in ("", "vote/", "results/")
    ]

    assert statuses == [200] * 6 + [204] * 3


def test_guest_from_another_site_with_a_cookie(guest: DocumentedClient) -> None:
    poll = PollFactory(guest_identity=GuestIdentity.COOKIE)
    guest.get(f"/api/polls/{poll.pk}/vote/")

    assert vote(guest, poll, {"origin": "https://evil.example"}) == (403, "cross_site_request")


def test_every_unsafe_endpoint_refuses_guests_from_another_site(guest: DocumentedClient, poll: Poll) -> None:
    headers, url = {"origin": "https://evil.example"}, f"/api/polls/{poll.pk}/"

    answers = [
        guest.post("/api/polls/", {}, headers=headers),
        guest.patch(url, {}, headers=headers),
        guest.delete(url, headers=headers),
        *(guest.post(f"{url}{tail}/", {}, headers=headers) for tail in ("vote", "open", "close", "copy")),
    ]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(403, CROSS_SITE)] * 7


@pytest.fixture
def session() -> DocumentedClient:
    """A logged-in user's browser, against a server that checks its tokens."""
    client = DocumentedClient(enforce_csrf_checks=True)
    client.force_login(UserFactory())
    return client


def test_session_without_a_token(session: DocumentedClient, poll: Poll, owner: User) -> None:
    url = f"/api/polls/{poll.pk}/"

    answers = [
        session.post("/api/polls/", {}),
        session.patch(url, {}),
        session.delete(url),
        session.put(f"{url}vote/", {}),
        session.delete(f"{url}vote/"),
        *(session.post(f"{url}{tail}/", {}) for tail in ("vote", "open", "close", "copy")),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "permission_denied")}
    assert answers[0].json()["detail"].startswith("CSRF Failed")
    assert Vote.objects.count() == 0


@pytest.mark.parametrize("is_form", [True, False])
def test_session_with_a_token(is_form: bool, session: DocumentedClient, poll: Poll) -> None:
    token = _get_new_csrf_string()
    session.cookies["csrftoken"] = token
    body = {"option_id": poll.options.all()[0].pk, **({"csrfmiddlewaretoken": token} if is_form else {})}
    headers = {} if is_form else {"x-csrftoken": token}

    response = session.post(
        f"/api/polls/{poll.pk}/vote/", body, format="multipart" if is_form else "json", headers=headers
    )

    assert response.status_code == 200


def test_bearer_of_a_token_from_another_site(poll: Poll) -> None:
    token = Token.objects.create(user=UserFactory())
    headers = {"authorization": f"Token {token.key}", "origin": "https://app.example", "sec-fetch-site": "cross-site"}

    assert vote(DocumentedClient(enforce_csrf_checks=True), poll, headers) == (200, "")


@pytest.mark.parametrize("value", ["Token nonsense", "Token", "Token a b"])
def test_bearer_of_a_wrong_token(value: str, guest: DocumentedClient, poll: Poll) -> None:
    assert vote(guest, poll, {"authorization": value})[1] == "authentication_failed"
    assert Vote.objects.count() == 0
