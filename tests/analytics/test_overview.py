"""What the analytics pages show, of one poll and of all, and to whom."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from pytest_django import DjangoAssertNumQueries

from django_polls import lifecycle
from django_polls.analytics.overview import TOP_POLLS, electorate_of, overview, poll_analytics
from django_polls.exceptions import ResultsHidden
from django_polls.identity import Voter
from django_polls.models import Poll
from django_polls.models.polls import Status, Visibility
from django_polls.results import compact
from tests.analytics.votes import members, vote_at
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 18, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def viewers(viewer: Voter | None = None) -> dict[Poll, Voter | None]:
    return dict.fromkeys(Poll.objects.with_clock(), viewer)


def test_overview_adds_up_what_its_viewer_may_see() -> None:
    seen = [PollFactory(title="Tea"), PollFactory(title="Coffee")]
    hidden = PollFactory(title="Hidden", visibility=Visibility.AFTER_CLOSE)
    PollFactory(title="Draft", is_draft=True)
    for poll, votes in zip([*seen, hidden], (1, 3, 5), strict=True):
        for _ in range(votes):
            vote_at(poll, NOW)
    compact(seen[1])

    found = overview(viewers(), ZONE)

    assert found.statuses == {Status.DRAFT: 1, Status.SCHEDULED: 0, Status.OPEN: 3, Status.CLOSED: 0}
    assert (found.votes, found.counted) == (4, 3)
    assert [(poll.title, votes) for poll, votes in found.top] == [("Coffee", 3), ("Tea", 1)]
    assert found.activity.votes == 4


@pytest.mark.parametrize("polls", [1, 3, 12])
def test_overview_takes_the_same_statements_for_any_number(
    polls: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(polls):
        vote_at(PollFactory(), NOW)
    looked_at = viewers()

    # Ballots with their ledger, votes.
    with django_assert_num_queries(2):
        found = overview(looked_at, ZONE)

    assert (found.votes, len(found.top)) == (polls, min(polls, TOP_POLLS))


def test_overview_of_nothing_is_empty() -> None:
    found = overview({}, ZONE)

    assert (found.votes, found.counted, found.top, found.activity.buckets) == (0, 0, (), ())


def test_poll_hidden_from_its_viewer_says_nothing() -> None:
    poll = PollFactory(visibility=Visibility.AFTER_VOTE)
    voter = Voter.from_user(UserFactory())
    vote_at(poll, NOW, voter=voter)

    with pytest.raises(ResultsHidden):
        poll_analytics(Voter.from_user(UserFactory()), poll, ZONE)

    assert poll_analytics(voter, poll, ZONE).outcome.votes == 1


def test_electorate_is_that_of_the_close_or_of_now() -> None:
    group = Group.objects.create(name="Board")
    members(group, 4)
    draft = lifecycle.PollDraft(
        {"title": "Vote", "electorate": "groups", "quorum_share": "1/2"},
        [lifecycle.OptionDraft("Yes"), lifecycle.OptionDraft("No")],
        [group],
    )
    poll = lifecycle.create_poll(draft)

    before = electorate_of(poll)
    closed = lifecycle.close_poll(poll)
    members(group, 2)

    assert (before, electorate_of(Poll.objects.get(pk=closed.pk)), electorate_of(PollFactory())) == (4, 4, None)
