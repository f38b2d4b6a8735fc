"""Formats and versions are asked for by the Accept header, and nothing else is heard."""

import pytest

from tests.api.documented import DocumentedClient
from tests.factories import PollFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ACCEPTED = (
    *("", "*/*", "application/json", "application/*", "text/html, application/json;q=0.9", "APPLICATION/JSON"),
    *("application/json; version=1", "*/*; version=1", "application/json; indent=4", "text/html;level=1, */*;q=0.1"),
)
REFUSED = (
    *(
        "text/html",
        "application/xml",
        "image/*",
        "application/json; version=2",
        "application/json; version=",
        "nonsense",
    ),
    *("application/json; version=1.0", "application/json; version=../1", "application/json; version=é", "a/b;" * 5_000),
    *("nonsense", "application/jsonx", "application/vnd.api+json", ",", ";"),
)


@pytest.mark.parametrize("accept", ACCEPTED)
def test_accepted(accept: str, guest: DocumentedClient) -> None:
    PollFactory()

    response = guest.get("/api/polls/", headers={"accept": accept} if accept else {})

    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    assert response.json()["count"] == 1


@pytest.mark.parametrize("accept", REFUSED, ids=lambda accept: accept[:30])
def test_not_acceptable(accept: str, guest: DocumentedClient) -> None:
    response = guest.get("/api/polls/", headers={"accept": accept})

    assert (response.status_code, response.headers["Content-Type"]) == (406, "application/json")
    assert response.json()["code"] == "not_acceptable"


def test_no_page_for_browsers(guest: DocumentedClient) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    response = guest.get("/api/polls/", headers={"accept": accept})

    assert response.headers["Content-Type"] == "application/json"


def test_no_format_by_url(guest: DocumentedClient) -> None:
    url = f"/api/polls/{PollFactory().pk}/"

    assert guest.get("/api/polls/?format=json").json()["errors"] == {"format": ["This is not expected here."]}
    answers = [guest.get(f"{url}?format=xml", headers={"accept": accept}) for accept in ("*/*", "application/*")]
    assert [answer.headers["Content-Type"] for answer in answers] == ["application/json"] * 2


def test_text_is_utf_8_as_it_was_written(guest: DocumentedClient) -> None:
    PollFactory(title="Thé \u2028 ou café ☕?")

    assert "Thé \u2028 ou café ☕?".encode() in guest.get("/api/polls/").content
