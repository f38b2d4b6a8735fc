"""The voting method of score ballots, with the ways of counting them that a poll chooses from."""

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_polls.methods.ballots import Ballot, Tally
from django_polls.methods.base import VotingMethod
from django_polls.methods.judgment import majority_judgment
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import Rules
from django_polls.methods.scores import check_scores, score_mean, score_median, score_sum
from django_polls.methods.star import star

COUNTS: Mapping[str, Callable[[Iterable[Tally], Rules], Outcome]] = {
    "sum": score_sum,
    "mean": score_mean,
    "median": score_median,
    "star": star,
    "majority_judgment": majority_judgment,
}


class Score(VotingMethod):
    """Give each option a score; the poll says how they are counted, by their sum where it says nothing."""

    key: ClassVar[str] = "score"
    label: ClassVar[str | Promise] = _("Score: give each option a score")
    version: ClassVar[int] = 1
    fields: ClassVar[tuple[str, ...]] = ("scores",)
    counts: ClassVar[tuple[str, ...]] = tuple(COUNTS)

    def check(self, ballot: Ballot, rules: Rules) -> None:
        """Raise the child of `InvalidBallot` that says which rule the ballot breaks."""
        check_scores(ballot, rules)

    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return the outcome by `rules.count`."""
        return COUNTS[rules.count or "sum"](tallies, rules)
