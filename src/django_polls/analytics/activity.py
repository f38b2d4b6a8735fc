"""When the votes of polls came, from users or without an account, and how the shares of the options went with them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from django.db import router
from django.db.models import Count
from django.utils import timezone

from django_polls.analytics.buckets import Size, extent
from django_polls.methods.ballots import WORDS
from django_polls.methods.outcomes import Outcome
from django_polls.models import Ballot, Poll, Vote
from django_polls.models.clock import QuarterHour, quarter_start

Number = int | Fraction
"""Of votes: whole where nobody's weighs more than another's, and counted faster so."""

ROWS_AT_ONCE = 10_000

FEWEST_VOTES = 5
"""So many votes at least stand behind each figure that tells what some of the voters chose."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """The standing votes cast, or last changed, in one span of time. `others` have no account, or none any more."""

    start: datetime
    users: int
    others: int

    @property
    def votes(self) -> int:
        """All of them."""
        return self.users + self.others


@dataclass(frozen=True, slots=True)
class Shares:
    """What each option had after the buckets from `first` to `last`, by its id, and what that is a share of."""

    first: int
    last: int
    votes: Mapping[int, Number]
    base: Number

    def share(self, option_id: int) -> Fraction:
        """Return the share of an option, from 0 to 1."""
        return Fraction(self.votes.get(option_id, 0)) / self.base if self.base else Fraction()


@dataclass(frozen=True, slots=True)
class Activity:
    """Votes over time. `shares` is empty where the options have no votes of their own, or nobody has voted yet."""

    size: Size
    buckets: tuple[Bucket, ...]
    shares: tuple[Shares, ...] = ()

    @property
    def votes(self) -> int:
        """All votes."""
        return sum(bucket.votes for bucket in self.buckets)

    @property
    def users(self) -> int:
        """Those of them that were cast by somebody who has an account."""
        return sum(bucket.users for bucket in self.buckets)


class _Paper(NamedTuple):
    """What one vote for a ballot adds: to which options, and whether to what their votes are a share of."""

    options: tuple[int, ...]
    weight: Number
    is_in_base: bool


@dataclass(slots=True)
class _Sums:
    """What came within some time."""

    votes: int = 0
    users: int = 0
    options: defaultdict[int, Number] = field(default_factory=lambda: defaultdict(int))
    base: Number = 0

    def add(self, votes: int, users: int, paper: _Paper | None) -> None:
        """Add so many votes for the same ballot."""
        self.votes += votes
        self.users += users
        if paper is not None:
            weight = votes * paper.weight
            self.base += weight if paper.is_in_base else 0
            for option_id in paper.options:
                self.options[option_id] += weight

    def take(self, other: "_Sums") -> None:
        """Add what came within another time."""
        self.votes += other.votes
        self.users += other.users
        self.base += other.base
        for option_id, votes in other.options.items():
            self.options[option_id] += votes


def activity_of(poll: Poll, outcome: Outcome, zone: tzinfo, until: datetime | None = None) -> Activity | None:
    """Return the votes over time of a poll of this outcome, up to `until` at least; by two statements.

    None where any vote of the poll keeps secret when it was cast or what it says. It asks nobody who may see it.
    """
    using = poll._state.db or router.db_for_read(Vote)
    papers = _papers(poll, using) if None not in outcome.option_votes.values() else {}
    quarters: dict[int, _Sums] = defaultdict(_Sums)
    for quarter, ballot_id, votes, users in _by_ballot(poll, using):
        if quarter is None or ballot_id is None:
            return None
        quarters[quarter].add(votes, users, papers.get(ballot_id))
    activity = _folded({quarter_start(quarter, using): sums for quarter, sums in quarters.items()}, zone, until)
    return activity if _agrees(activity, outcome) else Activity(activity.size, activity.buckets)


def activity_of_all(polls: Sequence[Poll], zone: tzinfo, until: datetime | None = None) -> Activity:
    """Return the votes over time of these polls together, without those that keep any vote's secret; one statement."""
    using = next((poll._state.db for poll in polls), None) or router.db_for_read(Vote)
    rows = list(_by_poll(polls, using))
    secret = {poll_id for poll_id, quarter, votes, _users, pointing in rows if quarter is None or pointing < votes}
    quarters: dict[int, _Sums] = defaultdict(_Sums)
    for poll_id, quarter, votes, users, _pointing in rows:
        if poll_id not in secret and quarter is not None:
            quarters[quarter].add(votes, users, None)
    return _folded({quarter_start(quarter, using): sums for quarter, sums in quarters.items()}, zone, until)


def end_of(poll: Poll) -> datetime:
    """Return until when votes may have come: the close, or the time of the read. An aware time."""
    now: datetime = getattr(poll, "read_at", None) or timezone.now()
    ends = [end for end in (poll.closed_at, poll.expires_at) if end is not None]
    end = min([now, *ends])
    return end if timezone.is_aware(end) else timezone.make_aware(end)


def _by_ballot(poll: Poll, using: str) -> Iterable[tuple[int | None, int | None, int, int]]:
    """Return a poll's votes by quarter hour and ballot: all of them, and those of users. There may be as many rows."""
    votes = Vote.objects.using(using).filter(poll=poll).order_by().annotate(quarter=QuarterHour("cast_at"))
    counted = votes.values("quarter", "ballot_id").annotate(votes=Count("pk"), users=Count("voter"))
    return counted.values_list("quarter", "ballot_id", "votes", "users").iterator(ROWS_AT_ONCE)


def _by_poll(polls: Sequence[Poll], using: str) -> Iterable[tuple[UUID, int | None, int, int, int]]:
    """Return the votes of polls by poll and quarter hour: all, those of users, and those that tell their ballot."""
    votes = Vote.objects.using(using).filter(poll_id__in=[poll.pk for poll in polls]).order_by()
    counted = votes.annotate(quarter=QuarterHour("cast_at")).values("poll_id", "quarter")
    told = counted.annotate(votes=Count("pk"), users=Count("voter"), pointing=Count("ballot"))
    return told.values_list("poll_id", "quarter", "votes", "users", "pointing").iterator(ROWS_AT_ONCE)


def _papers(poll: Poll, using: str) -> dict[int, _Paper]:
    ballots = Ballot.objects.using(using).filter(poll=poll).values_list("pk", "body", "weight")
    return {pk: _Paper(options_of(body), _whole(weight), body not in WORDS) for pk, body, weight in ballots}


def _whole(weight: Decimal) -> Number:
    return int(weight) if weight == int(weight) else Fraction(weight)


def options_of(body: str) -> tuple[int, ...]:
    """Return the options that have a vote by a stored ballot: those it marks, or the one alone on the first place."""
    if body in WORDS or "=" in body:
        return ()
    marks = [mark.partition(":") for mark in body.split()]
    first = tuple(int(option_id) for option_id, _colon, rank in marks if rank in {"", "1"})
    return first if len(first) == 1 or ":" not in body else ()


def _folded(moments: Mapping[datetime, _Sums], zone: tzinfo, until: datetime | None) -> Activity:
    found = extent(moments, until)
    if found is None:
        return Activity(Size.HOUR, ())
    size = Size.fitting(*found)
    spans: dict[datetime, list[_Sums]] = {start: [] for start in size.starts(*found, zone)}
    for moment, sums in moments.items():
        spans[size.start(moment, zone)].append(sums)
    buckets = tuple(_bucket(start.astimezone(zone), sums) for start, sums in spans.items())
    return Activity(size, buckets, tuple(_shares(list(spans.values()))))


def _bucket(start: datetime, parts: Sequence[_Sums]) -> Bucket:
    users = sum(part.users for part in parts)
    return Bucket(start, users, sum(part.votes for part in parts) - users)


def _shares(spans: Sequence[Sequence[_Sums]]) -> list[Shares]:
    """Return the shares after every step of at least `FEWEST_VOTES` votes: fewer would tell what one voter chose.

    What is left over at the end goes with the last step.
    """
    steps: list[Shares] = []
    sums, taken, first = _Sums(), 0, 0
    total = sum(part.votes for span in spans for part in span)
    for place, span in enumerate(spans):
        for part in span:
            sums.take(part)
        is_last = place == len(spans) - 1
        is_step = sums.votes - taken >= FEWEST_VOTES and (sums.votes == total or total - sums.votes >= FEWEST_VOTES)
        if is_last or is_step:
            steps.append(Shares(first, place, dict(sums.options), sums.base))
            taken, first = sums.votes, place + 1
    return steps


def _agrees(activity: Activity, outcome: Outcome) -> bool:
    """Whether the last shares are those of the outcome: a method of the host's may give options their votes otherwise.

    Where a vote came between the two reads nothing speaks against them.
    """
    if None in outcome.option_votes.values() or not activity.shares:
        return False
    counted = {option: Fraction(votes or 0) for option, votes in outcome.option_votes.items()}
    last = activity.shares[-1].votes
    return activity.votes != outcome.votes or all(last.get(option, 0) == votes for option, votes in counted.items())
