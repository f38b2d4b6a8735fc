"""The voting method of ranking ballots, with the ways of counting them that a poll chooses from."""

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_polls.methods.ballots import Ballot, Tally
from django_polls.methods.base import VotingMethod
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


class Ranked(VotingMethod):
    """Rank the options; the poll says how the rankings are counted, by instant run-off where it says nothing."""

    key: ClassVar[str] = "ranked"
    label: ClassVar[str | Promise] = _("Ranked: put the options in order")
    version: ClassVar[int] = 1
    fields: ClassVar[tuple[str, ...]] = ("ranking",)
    counts: ClassVar[tuple[str, ...]] = tuple(COUNTS)

    def check(self, ballot: Ballot, rules: Rules) -> None:
        """Raise the child of `InvalidBallot` that says which rule the ballot breaks."""
        check_ranking(ballot, rules)

    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return the outcome by `rules.count`."""
        return COUNTS[rules.count or "irv"](tallies, rules)
