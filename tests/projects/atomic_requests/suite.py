"""The host's transaction does not reach around a vote."""

import pytest
from django.db import connections
from django.urls import resolve

from tests.projects.people import path_of
from tests.projects.polls import make_poll


@pytest.mark.django_db
def test_vote_is_committed_before_it_is_acknowledged() -> None:
    poll = make_poll()

    outside: dict[str, set[str]] = {
        name: getattr(resolve(path_of(f"django_polls_api:{name}", poll.pk)).func, "_non_atomic_requests", set())
        for name in ("poll-vote", "poll-close")
    }

    assert connections["default"].settings_dict["ATOMIC_REQUESTS"] is True
    assert outside == {"poll-vote": {"default"}, "poll-close": set()}
