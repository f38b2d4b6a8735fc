"""Votes are cast with the mouse and with the keyboard alone, with scripts and without."""

import pytest
from playwright.sync_api import expect

from django_polls.models import Poll, Vote
from tests.browser.papers import HANDS, fill_in, send
from tests.browser.visitors import Visit
from tests.ways import Way, each_method


def bodies(poll: Poll) -> list[str]:
    """Return the ballots that votes were cast for."""
    return sorted(Vote.objects.filter(poll=poll).values_list("ballot__body", flat=True))


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
@each_method
def test_vote_is_cast_as_filled_in(visit: Visit, way: Way, scripts: bool, hand: str) -> None:
    poll, ballots = way.open_poll(guest_identity="cookie")
    visitor = visit(java_script_enabled=scripts)
    visitor.go_to(poll)

    fill_in(visitor, HANDS[hand], ballots[-1], scripts=scripts)
    send(visitor, HANDS[hand])

    expect(visitor.page.get_by_text("Your vote is counted.")).to_be_visible()
    expect(visitor.page.get_by_text("You have voted.")).to_be_visible()
    expect(visitor.page).to_have_url(f"{visitor.site}/polls/{poll.pk}/")
    assert bodies(poll) == [ballots[-1].body]
