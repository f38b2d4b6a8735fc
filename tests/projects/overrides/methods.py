"""A voting method of the host's own."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from django_polls.methods.approval import Approval
from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import Rules


class LeastObjections(Approval):
    """A mark is an objection, and no mark is none: the options to which the fewest voters object win."""

    key = "objections"
    label = _("Least objections")
    version = 1

    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return how many voters object to each option. Linear in the marks of the distinct ballots."""
        marked = super().count(tallies, rules)
        fewest = min(int(option.votes or 0) for option in marked.options)
        winners = tuple(option.option_id for option in marked.options if marked.votes and option.votes == fewest)
        return Outcome(self.key, self.version, self.tie_rule, marked.votes, marked.options, winners)
