"""A voting method of the host's own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_polls.methods.approval import Approval
from django_polls.methods.ballots import Tally
from django_polls.methods.base import Support
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import Rules
from django_polls.methods.ties import first_place


class LeastObjections(Approval):
    """A mark is an objection, and no mark is none: the option to which the fewest voters object wins."""

    key = "objections"
    label = _("Least objections")
    version = 1
    takes_places = False

    def faults(self, rules: Rules) -> Mapping[str, str | Promise]:
        """Return what speaks against a poll under these rules, by the field of the poll that is at fault."""
        found = dict(super().faults(rules))
        if rules.min_options:
            found["min_options"] = _("Nobody has to object: make this 0.")
        return found

    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return how many voters object to each option. Linear in the marks of the distinct ballots."""
        marked = super().count(tallies, rules)
        objections = {option.option_id: int(option.votes or 0) for option in marked.options}
        fewest = min(objections.values())
        least = tuple(option_id for option_id, number in objections.items() if number == fewest)
        winners, ties = first_place(least, rules) if marked.votes else ((), ())
        return replace(marked, winners=winners, ties=ties)

    def support(self, outcome: Outcome, tallies: Sequence[Tally], rules: Rules) -> Support:
        """Return the votes that do not object to the winner."""
        objecting, votes = super().support(outcome, tallies, rules)
        return Support(Fraction(votes - objecting), votes)
