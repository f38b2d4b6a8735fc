"""What the analytics pages show of one poll, and of all polls together, to whoever may see their results."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db import router
from django.db.models import Sum
from django.utils import timezone

from django_polls.analytics.activity import Activity, activity_of, activity_of_all, end_of
from django_polls.analytics.groups import GroupRow, option_by_group
from django_polls.conf import conf
from django_polls.counts import votes_in
from django_polls.exceptions import ResultsHidden
from django_polls.identity import Voter
from django_polls.methods.outcomes import Outcome
from django_polls.models import Poll, RefusedAttempts
from django_polls.models.polls import Electorate, Status
from django_polls.policies import current_policy
from django_polls.results import outcome_of, polls_with_visible_results, results_visible_to

TOP_POLLS = 10


@dataclass(frozen=True, slots=True)
class PollAnalytics:
    """What one poll's page shows. `activity` is None where votes are secret, `electorate` where it is not known."""

    outcome: Outcome
    activity: Activity | None
    electorate: int | None
    groups: tuple[GroupRow, ...]
    refusals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page of all polls shows: how many there are by status, and what those add up to that may be seen."""

    statuses: Mapping[Status, int]
    votes: int
    counted: int
    top: tuple[tuple[Poll, int], ...]
    activity: Activity
    refusals: Mapping[str, int]


def poll_analytics(viewer: Voter | None, poll: Poll, zone: tzinfo) -> PollAnalytics:
    """Return what the votes of a poll say to somebody who may see its results.

    Raises ResultsHidden, and what `outcome_of` raises.
    """
    if not results_visible_to(viewer, poll):
        raise ResultsHidden
    outcome = outcome_of(poll)
    activity = activity_of(poll, outcome, zone, end_of(poll))
    groups = option_by_group(poll, outcome) if activity is not None else ()
    return PollAnalytics(outcome, activity, electorate_of(poll), groups, refusals_of([poll]))


def electorate_of(poll: Poll) -> int | None:
    """Return how many may vote, as it was at the close where that is stored, else as it is now; None if unknown."""
    if poll.electorate != Electorate.GROUPS:
        return None
    return poll.electorate_size if poll.electorate_size is not None else current_policy().electorate_size(poll)


def refusals_of(polls: Sequence[Poll]) -> Mapping[str, int]:
    """Return how many attempts on these polls were refused, by the code of the reason; none where the site counts none.

    The most frequent reason comes first.
    """
    if not conf.record_refusals:
        return {}
    counters = RefusedAttempts.objects.using(_database_of(polls)).filter(poll_id__in=[poll.pk for poll in polls])
    totals = counters.order_by().values_list("code").annotate(total=Sum("attempts"))
    return dict(sorted(totals, key=lambda row: (-row[1], row[0])))


def overview(viewers: Mapping[Poll, Voter | None], zone: tzinfo) -> Overview:
    """Return what these polls add up to, each for its viewer. The polls are of one database, read with their clock."""
    visible = polls_with_visible_results(viewers)
    seen = [poll for poll in viewers if poll.pk in visible]
    votes = votes_in(seen, _database_of(seen))
    by_votes = sorted((poll for poll in seen if votes[poll.pk]), key=lambda poll: -votes[poll.pk])
    return Overview(
        statuses=_statuses(viewers),
        votes=sum(votes.values()),
        counted=len(seen),
        top=tuple((poll, votes[poll.pk]) for poll in by_votes[:TOP_POLLS]),
        activity=activity_of_all(seen, zone, _latest(seen)),
        refusals=refusals_of(seen),
    )


def _database_of(polls: Sequence[Poll]) -> str:
    return next((poll._state.db for poll in polls), None) or router.db_for_read(Poll)


def _statuses(polls: Mapping[Poll, object]) -> Mapping[Status, int]:
    counted = Counter(poll.status for poll in polls)
    return {status: counted[status] for status in Status}


def _latest(polls: Sequence[Poll]) -> datetime:
    return max(map(end_of, polls), default=timezone.now())
