"""What holds on the example site, tested under its own settings."""

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from django_polls.management.demo import LOGINS
from django_polls.models import Poll, Vote

pytestmark = pytest.mark.django_db

JSON = "application/json"
LOGIN = "/_allauth/app/v1/auth/login"
SESSION = "/_allauth/app/v1/auth/session"
REFRESH = "/_allauth/app/v1/tokens/refresh"
PASSWORD = "demo"
ADDRESS_ELSEWHERE = re.compile(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//[^"'\s>)]+""")


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Log the many users in quickly."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session")
def django_db_setup(quick_hashes: None, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Load the demo polls, with a few votes, once for all tests."""
    with django_db_blocker.unblock():
        call_command("polls_demo", votes=48, password=PASSWORD, stdout=StringIO())


def tokens(name: str, password: str = PASSWORD) -> Any:  # noqa: ANN401 - JSON
    """Return what a client gets who logs in."""
    answer = Client().post(LOGIN, {"username": name, "password": password}, content_type=JSON)
    return answer.json()["meta"]


def bearer(name: str) -> Client:
    """Return a client who has logged in by token."""
    return Client(headers={"Authorization": f"Bearer {tokens(name)['access_token']}"})


def vote(client: Client) -> int:
    """Vote for the first option of the poll that takes no guests, and return the status of the answer."""
    poll = Poll.objects.get(electorate="users", method="approval")
    path = reverse("django_polls_api:poll-vote", args=[poll.pk])
    return client.post(path, {"option_ids": [poll.options.all()[0].pk]}, JSON).status_code


@pytest.mark.parametrize(
    ("path", "content_type", "words"),
    [
        ("/", "text/html", "Where do we have lunch on Friday?"),
        ("/login/", "text/html", "Password"),
        ("/api/docs/", "text/html", "swagger-ui-bundle.js"),
        ("/api/docs/?script=", "application/javascript", "SwaggerUIBundle"),
        ("/api/redoc/", "text/html", "<redoc spec-url="),
        ("/api/redoc/redoc.js", "text/javascript", "Redoc"),
        ("/api/schema/", "application/vnd.oai.openapi", "openapi: 3.1.0"),
        ("/api/polls/", "application/json", "Where do we have lunch on Friday?"),
        ("/admin/login/", "text/html", "Log in"),
    ],
)
def test_page_answers(path: str, content_type: str, words: str) -> None:
    answer = Client().get(path)

    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, content_type)
    assert words in answer.text


@pytest.mark.parametrize("path", ["/", "/login/", "/api/docs/", "/api/redoc/", "/admin/login/"])
def test_page_loads_nothing_from_elsewhere(path: str) -> None:
    assert ADDRESS_ELSEWHERE.findall(Client().get(path).text) == []


def test_icon_is_found_by_pages_that_name_none() -> None:
    assert Client().get("/favicon.ico")["Location"] == "/static/example/icon.svg"


def test_redoc_has_no_logo_from_elsewhere() -> None:
    assert "cdn.redoc.ly" not in Client().get("/api/redoc/redoc.js").text


@pytest.mark.parametrize("path", ["/", "/polls/", "/api/polls/", "/admin/login/"])
def test_page_has_the_strict_policy(path: str) -> None:
    assert Client().get(path)["Content-Security-Policy"] == (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/"])
def test_page_runs_no_script_from_elsewhere_and_none_inline(path: str) -> None:
    policy = Client().get(path)["Content-Security-Policy"]

    directives = dict(directive.strip().split(" ", 1) for directive in policy.split(";"))
    assert directives["default-src"] == "'self'"
    assert {"script-src", "connect-src"} & directives.keys() == set()
    assert directives["style-src"] == "'self' 'unsafe-inline'"


def test_poll_in_a_frame_has_the_policy_of_the_site_but_for_who_frames_it() -> None:
    poll = Poll.objects.get(title="Where do we have lunch on Friday?")
    page, embed = (Client().get(f"/polls/{poll.pk}/{tail}") for tail in ("", "embed/"))

    policies = [set(answer["Content-Security-Policy"].split("; ")) for answer in (page, embed)]

    assert policies[0] - policies[1] == {"frame-ancestors 'none'"}
    assert policies[1] - policies[0] == {"frame-ancestors *"}
    assert ADDRESS_ELSEWHERE.findall(embed.text) == []


def test_start_page_offers_a_vote_that_counts() -> None:
    text = Client().get("/").text
    path, option_id = re.findall(r"curl http://testserver(\S+/vote/) -d option_id=(\d+)", text)[0]
    results = re.findall(r"curl http://testserver(\S+/results/)", text)[0]
    before = Client().get(results).json()["votes"]

    answer = Client().post(path, {"option_id": option_id})

    assert answer.status_code == 200
    assert Client().get(results).json()["votes"] == before + 1


def test_start_page_without_polls_answers() -> None:
    Poll.objects.all().delete()

    assert "Vote from a terminal" not in Client().get("/").text


def test_session_begins_and_ends_on_the_site() -> None:
    client = Client()

    client.post("/login/", {"username": "demo_maya", "password": PASSWORD})
    inside = client.get("/").text
    client.post("/logout/")
    outside = client.get("/").text

    assert ("demo_maya</strong>" in inside, "demo_maya</strong>" in outside) == (True, False)


def test_token_casts_a_vote() -> None:
    assert vote(bearer("demo_maya")) == 200

    assert Vote.objects.filter(poll__electorate="users", voter__username="demo_maya").count() == 1


def test_token_that_is_none_is_refused() -> None:
    answer = Client(headers={"Authorization": "Bearer none"}).get("/api/polls/")

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_token_of_a_deleted_user_is_refused() -> None:
    client = bearer("demo_jonas")
    get_user_model().objects.get(username="demo_jonas").delete()

    assert vote(client) == 401


def test_token_of_a_user_no_longer_active_is_refused() -> None:
    client = bearer("demo_jonas")
    get_user_model().objects.filter(username="demo_jonas").update(is_active=False)

    assert vote(client) == 401


def test_refresh_gives_a_token_that_works() -> None:
    refresh_token = tokens("demo_maya")["refresh_token"]

    pair = Client().post(REFRESH, {"refresh_token": refresh_token}, JSON).json()["data"]

    client = Client(headers={"Authorization": f"Bearer {pair['access_token']}"})
    assert vote(client) == 200
    assert pair["refresh_token"] != refresh_token


def test_login_with_a_wrong_password_gives_no_token() -> None:
    answer = Client().post(LOGIN, {"username": "demo_maya", "password": "wrong"}, JSON)

    assert answer.status_code == 400
    assert "meta" not in answer.json()


def test_logout_ends_the_token() -> None:
    client = bearer("demo_maya")

    client.delete(SESSION)

    assert vote(client) == 401


@pytest.mark.parametrize(
    "path", ["auth/signup", "auth/password/request", "account/email", "account/phone", "account/password/change"]
)
def test_calls_that_make_accounts_or_send_mail_are_not_there(path: str) -> None:
    before = get_user_model().objects.count()
    body = {"username": "new", "password": "long enough 1", "email": "new@example.com"}

    answer = bearer("demo_maya").post(f"/_allauth/app/v1/{path}", body, JSON)

    assert (answer.status_code, get_user_model().objects.count()) == (404, before)


@pytest.mark.parametrize("name", LOGINS)
def test_every_user_may_create_polls(name: str) -> None:
    new = {"title": "Tea or coffee?", "options": [{"text": "Tea"}, {"text": "Coffee"}]}

    answer = bearer(name).post("/api/polls/", new, JSON)

    assert (answer.status_code, answer.json()["title"]) == (201, "Tea or coffee?")


def test_guest_may_not_create_polls() -> None:
    before = Poll.objects.count()

    answer = Client().post("/api/polls/", {"title": "T", "options": [{"text": "a"}, {"text": "b"}]}, JSON)

    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_required")
    assert Poll.objects.count() == before


def test_schema_has_the_logins_and_the_scheme_of_their_tokens() -> None:
    schema = Client().get("/api/schema/?format=json").json()

    assert schema["components"]["securitySchemes"]["bearerAuth"] == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
    }
    assert {LOGIN, SESSION, REFRESH, "/api/polls/{id}/vote/"} <= schema["paths"].keys()


def test_schema_is_valid_without_a_warning() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_polls_are_in_the_language_that_a_browser_asks_for() -> None:
    page = Client().get("/polls/", headers={"Accept-Language": "ar"})

    assert '<html lang="ar" dir="rtl">' in page.text
