"""The voting method of ranking ballots, with the ways of counting them that a poll chooses from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_polls.methods.ballots import Ballot, Tally
from django_polls.methods.base import Support, VotingMethod
from django_polls.methods.elimination import instant_runoff
from django_polls.methods.meek import stv_meek
from django_polls.methods.outcomes import Outcome
from django_polls.methods.pairwise import copeland, schulze
from django_polls.methods.positional import borda
from django_polls.methods.ranked_pairs import ranked_pairs
from django_polls.methods.rankings import check_ranking
from django_polls.methods.rules import Rules
from django_polls.methods.transfer import stv_wigm

COUNTS: Mapping[str, Callable[[Iterable[Tally], Rules], Outcome]] = {
    "irv": instant_runoff,
    "borda": borda,
    "schulze": schulze,
    "ranked_pairs": ranked_pairs,
    "copeland": copeland,
    "stv": stv_wigm,
    "stv_meek": stv_meek,
}

SEVERAL_SEATS = frozenset({"stv", "stv_meek"})


class Ranked(VotingMethod):
    """Rank the options; the poll says how the rankings are counted, by instant run-off where it says nothing."""

    key: ClassVar[str] = "ranked"
    label: ClassVar[str | Promise] = _("Ranked: put the options in order")
    version: ClassVar[int] = 1
    fields: ClassVar[tuple[str, ...]] = ("ranking",)
    counts: ClassVar[tuple[str, ...]] = tuple(COUNTS)
    ratios: ClassVar[frozenset[str]] = frozenset({"copeland"})
    ranks_options: ClassVar[bool] = True

    def check(self, ballot: Ballot, rules: Rules) -> None:
        """Raise the child of `InvalidBallot` that says which rule the ballot breaks."""
        check_ranking(ballot, rules)

    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return the outcome by `rules.count`."""
        return COUNTS[rules.count or "irv"](tallies, rules)

    def faults(self, rules: Rules) -> Mapping[str, str | Promise]:
        """Return what speaks against a poll under these rules, by the field of the poll that is at fault."""
        found = dict(super().faults(rules))
        if rules.max_options is not None:
            found["max_options"] = _("This method has no such limit.")
        if rules.count in SEVERAL_SEATS:
            found.pop("seats", None)
            if not 1 <= rules.seats < len(rules.option_ids):
                found["seats"] = _("Fewer options must win than there are.")
            if rules.decision.pass_threshold is not None:
                found["pass_threshold"] = _("Where several options win, the quota says how many votes each needs.")
        if rules.ranks.most is not None and not max(rules.min_options, 1) <= rules.ranks.most:
            found["max_ranks"] = _("This must be at least one, and not less than the least options.")
        return found

    def support(self, outcome: Outcome, tallies: Sequence[Tally], rules: Rules) -> Support:
        """Return the votes for the winner: in the last round, or else against whom it had the fewest."""
        if outcome.rounds:
            totals = {row.option_id: Fraction(row.points) for row in outcome.rounds[-1].totals}
            return Support(min(totals[winner] for winner in outcome.winners), Fraction(outcome.votes))
        return Support(min(_fewest(winner, outcome, rules) for winner in outcome.winners), Fraction(outcome.votes))


def _fewest(winner: int, outcome: Outcome, rules: Rules) -> Fraction:
    """Return the votes that prefer an option to whichever other one it has the fewest against."""
    place = rules.option_ids.index(winner)
    return min(Fraction(votes) for other, votes in enumerate(outcome.pairwise[place]) if other != place)
