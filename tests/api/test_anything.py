"""Whatever is sent is answered as the schema says, with a code where it is refused, and never by a fault."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from django_polls.models import Poll
from tests.api.documented import DocumentedClient
from tests.factories import PollFactory

pytestmark = pytest.mark.django_db

ANY_EXAMPLE = hypothesis_settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["open", "2030-01-01", ""]),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=5), values, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        *("title", "description", "options", "method", "min_options", "max_options", "is_draft", "opens_at", "groups"),
        *("expires_at", "visibility", "electorate", "permission", "guest_identity", "vote_change", "metadata"),
        *("count", "seats", "quota", "max_ranks", "equal_ranks", "min_score", "max_score", "unscored_is_zero"),
        *("grades", "points", "max_points", "must_spend_all", "reasons", "allows_abstention", "allows_none_of_these"),
        *("quorum", "quorum_share", "pass_threshold", "max_votes", "final_ties", "capacity", "tie_seed"),
        *("option_id", "option_ids", "ranking", "scores", "abstain", "none_of_these", "reason", "score"),
        *("revision", "correction", "accepts_new_options", "vote_withdrawal"),
    ]
)
METHODS = st.sampled_from(["single", "approval", "ranked", "score", "dots", "yes_no"])
PARAMETERS = st.sampled_from(
    [
        *(
            "status",
            "is_active",
            "method",
            "creator",
            "mine",
            "needs_my_vote",
            "created_after",
            "expires_before",
            "page",
        ),
        *("page_size", "search", "ordering", "with_votes"),
    ]
)
KINDS = st.sampled_from(["application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"])
CALLS = st.sampled_from(
    [("post", ""), ("patch", "{id}/"), ("post", "{id}/vote/"), ("put", "{id}/vote/"), ("post", "{id}/close/")]
)


@pytest.fixture(autouse=True)
def _unthrottled(settings: Settings) -> None:
    settings.DJANGO_POLLS_THROTTLE_RATES = {}


def client_of(user: User) -> DocumentedClient:
    """Return a client that is logged in without a session, which every example would have to store."""
    client = DocumentedClient()
    client.force_authenticate(user)
    return client


@ANY_EXAMPLE
@given(call=CALLS, body=VALUES | st.dictionaries(FIELDS | st.text(max_size=5), VALUES, max_size=6), voting=METHODS)
def test_any_json(call: tuple[str, str], body: Any, voting: str, owner: User) -> None:  # noqa: ANN401
    poll = PollFactory(created_by=owner, method=voting, options=4, points=5)
    known = {"title": "T", "options": [{"text": "A"}, {"text": "B"}], "revision": poll.revision}
    method, tail = call

    for sent in (body, known | body if isinstance(body, dict) else body):
        response = getattr(client_of(owner), method)(
            "/api/polls/" + tail.format(id=poll.pk), json.dumps(sent), content_type="application/json"
        )
        assert response.status_code < 500
        Poll.objects.get(pk=poll.pk).full_clean(exclude={"created_by"})


@ANY_EXAMPLE
@given(
    call=CALLS,
    body=st.binary(max_size=200),
    kind=KINDS,
)
def test_any_bytes(call: tuple[str, str], body: bytes, kind: str, owner: User) -> None:
    method, tail = call
    path: Any = "/api/polls/" + tail.format(id=PollFactory(created_by=owner).pk)

    assert getattr(client_of(owner), method)(path, body, content_type=kind).status_code in {200, 400}


@ANY_EXAMPLE
@given(query=st.lists(st.tuples(PARAMETERS | st.text(max_size=5), st.text(max_size=12)), max_size=3))
def test_any_query(query: list[tuple[str, str]], owner: User) -> None:
    response = client_of(owner).get("/api/polls/?" + urlencode(query, errors="surrogatepass"))

    assert response.status_code in {200, 400, 404}


@ANY_EXAMPLE
@given(name=st.text(min_size=1, max_size=40).filter(lambda text: "/" not in text))
def test_any_id(name: str, owner: User) -> None:
    segment = urlencode({"": name}, errors="surrogatepass").removeprefix("=")

    assert client_of(owner).get(f"/api/polls/{segment}/").status_code == 404
