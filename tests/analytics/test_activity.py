"""Votes over time: as many as there are, in the right spans, and shares that end where the outcome does."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries, Settings

from django_polls import lifecycle, results
from django_polls.analytics.activity import (
    Activity,
    Bucket,
    Shares,
    activity_of,
    activity_of_all,
    end_of,
    options_of,
)
from django_polls.analytics.buckets import Size
from django_polls.identity import Voter
from django_polls.methods.approval import Approval
from django_polls.methods.ballots import Ballot, Word
from django_polls.methods.outcomes import OptionCount, Outcome
from django_polls.methods.rankings import ballot_of
from django_polls.methods.rules import Rules
from django_polls.models import Poll, Vote
from django_polls.policies import Policy
from django_polls.voting import cast_vote, replace_vote
from tests.analytics.votes import vote_at
from tests.factories import PollFactory, UserFactory
from tests.ways import WAYS, Way

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)
KOLKATA = ZoneInfo("Asia/Kolkata")


def activity(poll: Poll, zone: ZoneInfo | None = None, until: datetime | None = None) -> Activity:
    found = activity_of(poll, results.outcome_of(poll), zone or ZoneInfo("UTC"), until)
    assert found is not None
    return found


def test_votes_are_told_by_hour_and_by_whether_there_is_an_account() -> None:
    poll = PollFactory()
    gone, user = UserFactory(), UserFactory()
    vote_at(poll, START)
    vote_at(poll, START + timedelta(minutes=59, seconds=59), voter=Voter.from_user(user))
    vote_at(poll, START + timedelta(hours=2), voter=Voter.from_user(gone))
    gone.delete()

    found = activity(poll, until=START + timedelta(hours=3))

    assert (found.size, found.votes, found.users) == (Size.HOUR, 3, 1)
    assert found.buckets == (
        Bucket(START, 1, 1),
        Bucket(START + timedelta(hours=1), 0, 0),
        Bucket(START + timedelta(hours=2), 0, 1),
        Bucket(START + timedelta(hours=3), 0, 0),
    )


@pytest.mark.parametrize(
    ("zone", "starts"),
    [
        ("UTC", {"18:00": 1, "19:00": 2}),
        ("Asia/Kolkata", {"23:30": 0, "23:00": 0, "00:00": 1, "01:00": 2}),
        ("Asia/Kathmandu", {"23:00": 1, "00:00": 0, "01:00": 2}),
    ],
)
def test_votes_are_told_by_the_clocks_of_the_reader(zone: str, starts: dict[str, int]) -> None:
    poll = PollFactory()
    for minutes in (14, 76, 90):
        vote_at(poll, START + timedelta(minutes=minutes + (30 if zone == "Asia/Kolkata" else 0)))

    found = activity(poll, ZoneInfo(zone))

    told = {f"{bucket.start:%H:%M}": bucket.votes for bucket in found.buckets}
    assert told == {start: votes for start, votes in starts.items() if start in told}
    assert sum(told.values()) == 3


def test_days_of_a_half_hour_zone_begin_at_its_midnight() -> None:
    poll = PollFactory()
    midnight = datetime(2026, 3, 11, tzinfo=KOLKATA)
    vote_at(poll, midnight - timedelta(minutes=1))
    vote_at(poll, midnight)
    vote_at(poll, midnight + timedelta(days=5))

    found = activity(poll, KOLKATA)

    assert found.size == Size.DAY
    assert [(f"{bucket.start:%m-%d %H:%M}", bucket.votes) for bucket in found.buckets if bucket.votes] == [
        ("03-10 00:00", 1),
        ("03-11 00:00", 1),
        ("03-16 00:00", 1),
    ]
    assert len(found.buckets) == 7


def test_changed_vote_is_where_it_was_changed_and_counts_once() -> None:
    poll = PollFactory(vote_change="until_close")
    voter = Voter.from_user(UserFactory())
    vote_at(poll, START, 0, voter)
    replace_vote(poll, voter, Ballot.of(poll.options.all()[1].pk))

    found = activity(poll)

    assert (found.votes, found.buckets[0].start > START) == (1, True)
    assert found.shares[-1].votes == {poll.options.all()[1].pk: 1}


def test_shares_go_in_steps_of_five_votes_at_least() -> None:
    poll = PollFactory()
    first, second = (option.pk for option in poll.options.all())
    # 5 votes in three hours, then 6, then 4 that go with them, then none.
    for hour, numbers in enumerate([[0, 0], [0], [0, 1], [1] * 6, [1] * 4]):
        for number in numbers:
            vote_at(poll, START + timedelta(hours=hour), number)

    found = activity(poll, until=START + timedelta(hours=6))

    assert found.shares == (
        Shares(0, 2, {first: 4, second: 1}, 5),
        Shares(3, 4, {first: 4, second: 11}, 15),
        Shares(5, 6, {first: 4, second: 11}, 15),
    )
    assert [found.shares[1].share(option) for option in (first, second, 0)] == [Fraction(4, 15), Fraction(11, 15), 0]


def test_no_step_tells_of_fewer_than_five() -> None:
    poll = PollFactory()
    for hour in range(14):
        vote_at(poll, START + timedelta(hours=hour), hour % 2)

    steps = activity(poll).shares

    bases = [0, *(int(step.base) for step in steps)]
    assert [after - before for before, after in pairwise(bases)] == [5, 9]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_last_shares_are_those_of_the_outcome(way: Way) -> None:
    poll, ballots = way.open_poll(
        **({} if way.method == "yes_no" else {"allows_abstention": True, "allows_none_of_these": True})
    )
    words = [] if way.method == "yes_no" else [Ballot(word=word) for word in Word]
    for number, ballot in enumerate([*ballots, *words] * 3):
        vote_at(poll, START + timedelta(hours=number), ballot)

    found = activity(poll)

    outcome = results.outcome_of(poll)
    assert found.votes == outcome.votes
    if None in outcome.option_votes.values():
        assert found.shares == ()
    else:
        last = found.shares[-1]
        assert {option: last.votes.get(option, 0) for option in outcome.option_votes} == outcome.option_votes
        assert last.base == outcome.base


def test_equal_first_places_are_nobodys_first() -> None:
    draft = lifecycle.PollDraft(
        {"title": "Ranked", "method": "ranked", "equal_ranks": True},
        [lifecycle.OptionDraft(text) for text in ("Tea", "Coffee", "Milk")],
    )
    poll = lifecycle.create_poll(draft)
    tea, coffee, milk = (option.pk for option in poll.options.all())
    vote_at(poll, START, ballot_of([[tea, coffee], [milk]]))
    vote_at(poll, START, ballot_of([[milk], [tea, coffee]]))

    found = activity(poll)

    assert (found.shares[-1].votes, found.shares[-1].base) == ({milk: 1}, 2)


class Heavy(Policy):
    """A policy under which users' votes weigh 2.5."""

    def weight_of(self, voter: Voter, poll: Poll) -> Decimal:
        return Decimal("2.5") if voter.user else Decimal(1)


def test_heavy_votes_weigh_in_the_shares(settings: Settings) -> None:
    settings.DJANGO_POLLS_POLICY = "tests.analytics.test_activity.Heavy"
    poll = PollFactory()
    first, second = (option.pk for option in poll.options.all())
    vote_at(poll, START, 0, Voter.from_user(UserFactory()))
    vote_at(poll, START, 1)

    found = activity(poll)

    assert found.votes == 2
    assert found.shares == (Shares(0, 0, {first: Fraction(5, 2), second: 1}, Fraction(7, 2)),)
    assert results.outcome_of(poll).option_votes == {first: "2.5", second: 1}


class Double(Approval):
    """A method that counts every mark twice."""

    key = "double"
    label = "Double"

    def count(self, tallies: Iterator[object], rules: Rules) -> Outcome:  # type: ignore[override]
        outcome = super().count(tallies, rules)  # type: ignore[arg-type]
        options = tuple(OptionCount(option.option_id, 2 * int(option.votes or 0)) for option in outcome.options)
        return Outcome(self.key, 1, outcome.tie_rule, outcome.votes, options, outcome.winners)


def test_method_that_counts_otherwise_has_no_shares(settings: Settings) -> None:
    settings.DJANGO_POLLS_METHODS = ["tests.analytics.test_activity.Double"]
    poll = PollFactory(method="double")
    vote_at(poll, START)

    assert (activity(poll).votes, activity(poll).shares) == (1, ())


@pytest.mark.parametrize("field", ["ballot", "cast_at"])
def test_poll_that_keeps_a_vote_secret_has_no_activity(field: str) -> None:
    poll, other = PollFactory(), PollFactory()
    for _ in range(3):
        vote_at(poll, START)
    vote_at(other, START)
    QuerySet(Vote).filter(pk=poll.votes.first().pk).update(**{field: None})

    assert activity_of(poll, results.outcome_of(poll), ZoneInfo("UTC")) is None
    assert activity_of_all([poll, other], ZoneInfo("UTC")).votes == 1


def test_activity_takes_two_statements_whatever_the_votes(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    poll = PollFactory()
    for hour in range(30):
        vote_at(poll, START + timedelta(hours=hour), hour % 2)
    outcome = results.outcome_of(poll)

    with django_assert_num_queries(2):
        activity_of(poll, outcome, ZoneInfo("UTC"))
    with django_assert_num_queries(1):
        activity_of_all([poll], ZoneInfo("UTC"))


def test_no_votes_are_no_buckets() -> None:
    poll = PollFactory()

    assert activity(poll, until=START) == Activity(Size.HOUR, ())
    assert activity_of_all([], ZoneInfo("UTC")) == Activity(Size.HOUR, ())


def test_all_polls_add_up() -> None:
    polls = [PollFactory() for _ in range(2)]
    for poll in polls:
        vote_at(poll, START, voter=Voter.from_user(UserFactory()))
        vote_at(poll, START + timedelta(hours=1))

    found = activity_of_all(polls, ZoneInfo("UTC"))

    assert found == Activity(Size.HOUR, (Bucket(START, 2, 0), Bucket(START + timedelta(hours=1), 0, 2)), found.shares)


def test_end_is_the_close_or_now() -> None:
    open_poll = PollFactory(expires_at=datetime(2100, 1, 1, tzinfo=UTC))
    past = datetime(2026, 1, 2, tzinfo=UTC)
    PollFactory(opens_at=datetime(2026, 1, 1, tzinfo=UTC), expires_at=past)
    running, over = Poll.objects.with_clock().get(pk=open_poll.pk), Poll.objects.get(expires_at=past)

    assert (end_of(running), end_of(over)) == (running.read_at, past)


@pytest.mark.parametrize(
    ("body", "options"),
    [
        ("7", (7,)),
        ("7 9", (7, 9)),
        ("7:2 9:1", (9,)),
        ("7:1 8:1 9:2", ()),
        ("", ()),
        ("abstain", ()),
        ("none", ()),
        ("7=3 9=0", ()),
    ],
)
def test_options_of_a_ballot(body: str, options: tuple[int, ...]) -> None:
    assert options_of(body) == options


def test_votes_of_many_ballots_are_told_by_quarter_hours_that_add_up() -> None:
    poll = PollFactory(method="approval", options=4)
    options = [option.pk for option in poll.options.all()]
    for number in range(12):
        chosen = [option for place, option in enumerate(options) if (number >> place) & 1] or options
        vote = cast_vote(poll, Voter(uuid4()), Ballot.of(*chosen))
        QuerySet(Vote).filter(pk=vote.pk).update(cast_at=START + timedelta(minutes=7 * number))

    found = activity(poll)

    expected = Counter(
        options_of_vote
        for vote in poll.votes.select_related("ballot")
        for options_of_vote in options_of(vote.ballot.body)
    )
    assert found.shares[-1].votes == dict(expected)
