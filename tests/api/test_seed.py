"""The two tests printed in the document that asked for this package, in its meaning and its wording."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from rest_framework.test import APIClient

from django_polls.models import Poll, PollOption

pytestmark = [pytest.mark.django_db, pytest.mark.smoke]


@pytest.fixture
def poll() -> Poll:
    user = get_user_model().objects.create_user(username="testuser", password="testpass")
    return Poll.objects.create(title="Test Poll", created_by=user, expires_at=timezone.now() + timedelta(days=1))


@pytest.fixture
def options(poll: Poll) -> list[PollOption]:
    return [PollOption.objects.create(poll=poll, text=text) for text in ("Option 1", "Option 2")]


def test_vote_is_counted(poll: Poll, options: list[PollOption]) -> None:
    response = APIClient().post(f"/api/polls/{poll.id}/vote/", {"option_id": options[0].id})

    options[0].refresh_from_db()
    assert (response.status_code, options[0].vote_count) == (200, 1)


def test_second_vote_is_refused(poll: Poll, options: list[PollOption]) -> None:
    client = APIClient()
    client.post(f"/api/polls/{poll.id}/vote/", {"option_id": options[0].id})

    response = client.post(f"/api/polls/{poll.id}/vote/", {"option_id": options[1].id})

    assert (response.status_code, response.json()["code"]) == (400, "already_voted")
    assert [option.vote_count for option in options] == [1, 0]
