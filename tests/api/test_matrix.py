"""What a poll answers to everybody in each state: draft, scheduled, open, closed by hand, by the clock, deleted."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from django_polls.identity import Voter
from django_polls.lifecycle import close_poll, delete_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.clock import database_now
from django_polls.voting import cast_vote
from tests.api.conftest import client_of
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db

ROLES = ("guest", "user", "voter", "owner")

# A voter has voted where the poll has been open; elsewhere they are a user like any other.
EXPECTED = """
endpoint state     | guest                       user                  voter                 owner
vote     draft     | 404 not_found               404 not_found         404 not_found         409 poll_not_open
vote     scheduled | 409 poll_not_open           409 poll_not_open     409 poll_not_open     409 poll_not_open
vote     open      | 200 -                       200 -                 400 already_voted     200 -
vote     closed    | 409 poll_closed             409 poll_closed       409 poll_closed       409 poll_closed
vote     expired   | 409 poll_closed             409 poll_closed       409 poll_closed       409 poll_closed
vote     deleted   | 404 not_found               404 not_found         404 not_found         404 not_found
results  draft     | 404 not_found               404 not_found         404 not_found         200 -
results  scheduled | 200 -                       200 -                 200 -                 200 -
results  open      | 200 -                       200 -                 200 -                 200 -
results  closed    | 200 -                       200 -                 200 -                 200 -
results  expired   | 200 -                       200 -                 200 -                 200 -
results  deleted   | 404 not_found               404 not_found         404 not_found         404 not_found
open     draft     | 404 not_found               404 not_found         404 not_found         200 -
open     scheduled | 403 authentication_required 403 permission_denied 403 permission_denied 200 -
open     open      | 403 authentication_required 403 permission_denied 403 permission_denied 409 poll_already_open
open     closed    | 403 authentication_required 403 permission_denied 403 permission_denied 409 poll_closed
open     expired   | 403 authentication_required 403 permission_denied 403 permission_denied 409 poll_closed
open     deleted   | 404 not_found               404 not_found         404 not_found         404 not_found
close    draft     | 404 not_found               404 not_found         404 not_found         409 poll_not_open
close    scheduled | 403 authentication_required 403 permission_denied 403 permission_denied 200 -
close    open      | 403 authentication_required 403 permission_denied 403 permission_denied 200 -
close    closed    | 403 authentication_required 403 permission_denied 403 permission_denied 409 poll_closed
close    expired   | 403 authentication_required 403 permission_denied 403 permission_denied 409 poll_closed
close    deleted   | 404 not_found               404 not_found         404 not_found         404 not_found
"""


def cases() -> Iterator[tuple[str, str, str, str]]:
    for line in EXPECTED.strip().splitlines()[1:]:
        head, _bar, cells = line.partition("|")
        words = cells.split()
        endpoint, state = head.split()
        for role, status, code in zip(ROLES, words[::2], words[1::2], strict=True):
            yield endpoint, state, role, f"{status} {code}"


def bring_into(poll: Poll, state: str) -> None:
    now, hour = database_now(), timedelta(hours=1)
    fields: dict[str, dict[str, Any]] = {
        "draft": {"is_draft": True},
        "scheduled": {"opens_at": now + hour},
        "expired": {"expires_at": now},
    }
    Poll.objects.filter(pk=poll.pk).update(**fields.get(state, {}))
    if state == "closed":
        close_poll(poll)
    if state == "deleted":
        delete_poll(poll, with_votes=True)


@pytest.mark.any_database
@pytest.mark.parametrize(("endpoint", "state", "role", "expected"), list(cases()))
def test_endpoint(endpoint: str, state: str, role: str, expected: str, owner: User) -> None:
    poll, voter = PollFactory(created_by=owner), UserFactory()
    option = poll.options.first()
    if state not in {"draft", "scheduled"}:
        cast_vote(poll, Voter.from_user(voter), Ballot.of(option.pk))
    bring_into(poll, state)
    client = client_of({"guest": None, "user": UserFactory(), "voter": voter, "owner": owner}[role])

    url = f"/api/polls/{poll.pk}/{endpoint}/"
    body = {"option_id": option.pk} if endpoint == "vote" else {}
    response = client.get(url) if endpoint == "results" else client.post(url, body, format="json")

    assert f"{response.status_code} {response.json().get('code', '-')}" == expected
