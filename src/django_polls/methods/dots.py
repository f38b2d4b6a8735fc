"""Dot voting: each voter has a number of points and deals them out; the option with the most points wins.

Source: the "dots" of facilitated meetings, which is cumulative voting: L. Guinier, "The Tyranny of the Majority"
(1994); the share of a ballot that goes to an option is the voter's choice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_polls.exceptions import PointsOverspent, PointsUnspent, ScoreOutOfRange, TooFewOptions
from django_polls.methods.ballots import Ballot, Tally
from django_polls.methods.base import Support, VotingMethod
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import Rules, Scores
from django_polls.methods.scores import (
    check_marks,
    count_scores,
    points_of,
    ranking_by,
    scored_support,
    total_of,
    unmarked,
)
from django_polls.methods.ties import first_place


class Dots(VotingMethod):
    """Deal out points. A mark of no points is as good as none: it counts neither as an option marked nor for it."""

    key: ClassVar[str] = "dots"
    label: ClassVar[str | Promise] = _("Dots: deal out points")
    version: ClassVar[int] = 1
    fields: ClassVar[tuple[str, ...]] = ("scores",)

    def check(self, ballot: Ballot, rules: Rules) -> None:
        """Raise the child of `InvalidBallot` that says which rule the ballot breaks.

        Altogether at most `rules.scores.points`, where there is such a limit; on one option at most `most_on_one`,
        else the same limit, else `most`.
        """
        points = check_marks(ballot, rules)
        if sum(number > 0 for number in points) < rules.min_options:
            raise TooFewOptions(min_options=rules.min_options, max_options=len(rules.option_ids))
        limits = rules.scores
        if limits.points is not None and sum(points) > limits.points:
            raise PointsOverspent(points=limits.points)
        most_on_one = next(most for most in (limits.most_on_one, limits.points, limits.most) if most is not None)
        if not all(0 <= number <= most_on_one for number in points):
            raise ScoreOutOfRange(min_score=0, max_score=most_on_one)
        if limits.must_spend_all and limits.points is not None and sum(points) < limits.points:
            raise PointsUnspent(points=limits.points)

    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return the outcome by the points of each option. Linear in the marks of the distinct ballots.

        All with the most points win unless the seed decides; nobody without a point does.
        """
        counted = count_scores(tallies, replace(rules, scores=Scores(unscored_is_zero=False)))
        points = {option_id: total_of(histogram) for option_id, histogram in counted.histograms.items()}
        ranking = ranking_by(points, rules)
        winners, ties = first_place(ranking[0], rules) if any(points.values()) else ((), ())
        return Outcome(
            method=self.key,
            version=self.version,
            tie_rule=rules.ties.final,
            votes=counted.votes,
            options=unmarked(rules),
            winners=winners,
            ranking=ranking,
            points=points_of(points, rules),
            ties=ties,
        )

    def faults(self, rules: Rules) -> Mapping[str, str | Promise]:
        """Return what speaks against a poll under these rules, by the field of the poll that is at fault."""
        found = dict(super().faults(rules))
        if rules.max_options is not None:
            found["max_options"] = _("This method has no such limit.")
        limits = rules.scores
        if not limits.points:
            found["points"] = _("Say how many points each voter has.")
        elif limits.must_spend_all and (limits.most_on_one or limits.points) * len(rules.option_ids) < limits.points:
            found["max_points"] = _("Nobody could give all points.")
        if limits.most_on_one == 0:
            found["max_points"] = _("An option must be able to get a point.")
        if limits.points and rules.min_options > limits.points:
            found["min_options"] = _("A voter has fewer points than this.")
        return found

    def support(self, outcome: Outcome, tallies: Sequence[Tally], rules: Rules) -> Support:
        """Return the votes that give the winner a point."""
        return scored_support(outcome, tallies, 0)
