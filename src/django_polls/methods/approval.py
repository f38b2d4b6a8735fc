"""Counting marks: single choice (plurality), and approval voting, where a ballot marks any number of options.

Source: S. J. Brams and P. C. Fishburn, "Approval Voting" (1978); plurality is its case of exactly one mark.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_polls.exceptions import DuplicateOption, InvalidBallot, TooFewOptions, TooManyOptions, UnknownOption
from django_polls.methods.ballots import Ballot, Tally
from django_polls.methods.base import VotingMethod
from django_polls.methods.outcomes import OptionCount, Outcome
from django_polls.methods.rules import FinalTies, Rules
from django_polls.methods.ties import first_place


class Approval(VotingMethod):
    """Pick any: each mark is a vote for its option, and the option with the most votes wins."""

    key: ClassVar[str] = "approval"
    label: ClassVar[str | Promise] = _("Approval: pick any")
    version: ClassVar[int] = 1
    fields: ClassVar[tuple[str, ...]] = ("option_ids",)
    takes_places: ClassVar[bool] = True

    def check(self, ballot: Ballot, rules: Rules) -> None:
        """Raise the child of `InvalidBallot` that says which rule the ballot breaks."""
        marked = [mark.option_id for mark in ballot.marks]
        if any(mark.rank is not None or mark.score is not None for mark in ballot.marks):
            raise InvalidBallot
        if len(set(marked)) < len(marked):
            raise DuplicateOption
        if not set(marked) <= set(rules.option_ids):
            raise UnknownOption
        self._check_number(len(marked), rules)

    def _check_number(self, marked: int, rules: Rules) -> None:
        limit = rules.max_options or len(rules.option_ids)
        if marked < rules.min_options:
            raise TooFewOptions(min_options=rules.min_options, max_options=limit)
        if marked > limit:
            raise TooManyOptions(min_options=rules.min_options, max_options=limit)

    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return how many votes mark each option. Linear in the marks of the distinct ballots."""
        marked: dict[str, int] = defaultdict(int)
        votes = 0
        for body, number in tallies:
            votes += number
            for option_id in body.split():
                marked[option_id] += number
        options = tuple(OptionCount(option_id, marked[str(option_id)]) for option_id in rules.option_ids)
        most = max((marked[str(option_id)] for option_id in rules.option_ids), default=0)
        first = tuple(option_id for option_id in rules.option_ids if most and marked[str(option_id)] == most)
        # A tie that is declared is told by its winners.
        is_broken = len(first) > 1 and rules.ties.final is not FinalTies.DECLARE
        winners, ties = first_place(first, rules) if is_broken else (first, ())
        tie_rule = rules.ties.final.value
        return Outcome(self.key, self.version, tie_rule, votes, options, winners, ties=ties)


class SingleChoice(Approval):
    """One vote, one option: the option with the most votes wins (plurality)."""

    key = "single"
    label = _("Single choice")
    fields = ("option_id",)
    few_ballots = True

    def _check_number(self, marked: int, rules: Rules) -> None:
        super()._check_number(marked, Rules(rules.option_ids, min_options=1, max_options=1))
