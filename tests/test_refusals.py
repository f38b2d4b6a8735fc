"""Refused votes are counted where the site says so: numbers by poll, reason and hour, and nothing of anybody."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries, Settings

from django_polls import lifecycle, refusals
from django_polls.analytics.overview import overview, poll_analytics, refusals_of
from django_polls.exceptions import AlreadyVoted, PollError
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, RefusedAttempts
from django_polls.models.polls import Visibility
from django_polls.voting import cast_vote, withdraw_vote
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 10, 18, 40, tzinfo=UTC)
HOUR = datetime(2026, 3, 10, 18, tzinfo=UTC)


@pytest.fixture
def recording(settings: Settings) -> None:
    settings.DJANGO_POLLS_RECORD_REFUSALS = True


def refused(poll: Poll, times: int = 1) -> None:
    """Let a voter vote, and then so many times in vain."""
    voter = Voter.from_user(UserFactory())
    ballot = Ballot.of(poll.options.all()[0].pk)
    cast_vote(poll, voter, ballot)
    for _ in range(times):
        with pytest.raises(AlreadyVoted):
            cast_vote(poll, voter, ballot)


def counters() -> list[tuple[str, datetime, int]]:
    return list(RefusedAttempts.objects.order_by("hour", "code").values_list("code", "hour", "attempts"))


@pytest.mark.usefixtures("recording")
def test_refusals_are_counted_by_reason_and_hour() -> None:
    poll = PollFactory()
    with time_machine.travel(NOW, tick=False):
        refused(poll, 3)
        with pytest.raises(PollError):
            withdraw_vote(poll, Voter.from_user(UserFactory()))
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        refused(poll)

    assert counters() == [
        ("already_voted", HOUR, 3),
        ("vote_not_found", HOUR, 1),
        ("already_voted", HOUR + timedelta(hours=1), 1),
    ]
    assert str(RefusedAttempts.objects.earliest("pk")) == "already_voted: 3"
    assert {field.name for field in RefusedAttempts._meta.fields} == {"id", "poll", "code", "hour", "attempts"}


def test_nothing_is_counted_unless_the_site_says_so(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    poll = PollFactory()

    refused(poll)
    with django_assert_num_queries(0):
        refusals.record(poll, "already_voted")

    assert (counters(), refusals_of([poll])) == ([], {})


@pytest.mark.usefixtures("recording")
def test_counting_takes_one_statement_once_the_hour_has_begun(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    poll = PollFactory()
    refusals.record(poll, "already_voted")

    with django_assert_num_queries(1):
        refusals.record(poll, "already_voted")


@pytest.mark.usefixtures("recording")
def test_rows_of_a_poll_are_few_and_no_refusal_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST_ROWS", 2)
    poll = PollFactory()
    for hour in range(4):
        with time_machine.travel(NOW + timedelta(hours=hour), tick=False):
            refusals.record(poll, "already_voted")
    with time_machine.travel(NOW, tick=False):
        refusals.record(poll, "another")

    assert sorted(counters()) == [
        ("already_voted", HOUR, 1),
        ("already_voted", HOUR + timedelta(hours=1), 3),
        ("another", HOUR, 1),
    ]


@pytest.mark.usefixtures("recording")
def test_poll_that_is_gone_has_no_refusals() -> None:
    poll = PollFactory()
    refused(poll)
    lifecycle.delete_poll(poll, with_votes=True)

    refusals.record(poll, "already_voted")

    assert counters() == []


@pytest.mark.usefixtures("recording")
def test_analytics_tell_them_where_results_are_seen() -> None:
    poll, other = PollFactory(), PollFactory(visibility=Visibility.AFTER_CLOSE)
    refused(poll, 2)
    refused(other)
    with pytest.raises(PollError):
        withdraw_vote(poll, Voter.from_user(UserFactory()))

    found = poll_analytics(None, poll, UTC).refusals, overview(dict.fromkeys(QuerySet(Poll)), UTC).refusals

    expected = {"already_voted": 2, "vote_not_found": 1}
    assert found == (expected, expected)
