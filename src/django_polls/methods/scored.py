"""The voting method of score ballots, with the ways of counting them that a poll chooses from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_polls.methods.ballots import Ballot, Tally
from django_polls.methods.base import Support, VotingMethod
from django_polls.methods.judgment import majority_judgment
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import Rules
from django_polls.methods.scores import (
    check_scores,
    score_mean,
    score_median,
    score_sum,
    scored_support,
    unscored_score,
)
from django_polls.methods.star import star

COUNTS: Mapping[str, Callable[[Iterable[Tally], Rules], Outcome]] = {
    "sum": score_sum,
    "mean": score_mean,
    "median": score_median,
    "star": star,
    "majority_judgment": majority_judgment,
}

MOST_STEPS = 100


class Score(VotingMethod):
    """Give each option a score; the poll says how they are counted, by their sum where it says nothing."""

    key: ClassVar[str] = "score"
    label: ClassVar[str | Promise] = _("Score: give each option a score")
    version: ClassVar[int] = 1
    fields: ClassVar[tuple[str, ...]] = ("scores",)
    counts: ClassVar[tuple[str, ...]] = tuple(COUNTS)
    ratios: ClassVar[frozenset[str]] = frozenset({"mean", "median", "majority_judgment"})

    def check(self, ballot: Ballot, rules: Rules) -> None:
        """Raise the child of `InvalidBallot` that says which rule the ballot breaks."""
        check_scores(ballot, rules)

    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return the outcome by `rules.count`."""
        return COUNTS[rules.count or "sum"](tallies, rules)

    def faults(self, rules: Rules) -> Mapping[str, str | Promise]:
        """Return what speaks against a poll under these rules, by the field of the poll that is at fault."""
        found = dict(super().faults(rules))
        if rules.max_options is not None:
            found["max_options"] = _("This method has no such limit.")
        if not 0 < rules.scores.most - rules.scores.least <= MOST_STEPS:
            found["max_score"] = _("The highest score must be above the lowest one, by 100 at most.")
        return found

    def support(self, outcome: Outcome, tallies: Sequence[Tally], rules: Rules) -> Support:
        """Return the votes that prefer the winner in the run-off, where there is one, else those that score it.

        A vote scores an option that gives it more than an option has without a score.
        """
        if len(outcome.rounds) > 1:
            totals = {row.option_id: Fraction(row.points) for row in outcome.rounds[-1].totals}
            return Support(min(totals[winner] for winner in outcome.winners), Fraction(outcome.votes))
        return scored_support(outcome, tallies, unscored_score(rules))
