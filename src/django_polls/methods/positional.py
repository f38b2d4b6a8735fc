"""Counting rankings by places: the Borda count.

Sources: J.-C. de Borda, "Mémoire sur les élections au scrutin" (1781); on ballots that do not rank all options,
P. Emerson, "The original Borda count and partial voting", Social Choice and Welfare 40 (2013).
"""

from collections.abc import Iterable

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import Outcome
from django_polls.methods.pairwise import outcome_by_points, preferences_in
from django_polls.methods.rules import Rules


def borda(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Count by points: on each ballot an option gets one for each option it is preferred to, half for each equal one.

    So the options on one place, and the unranked, share equally what their places bring: the rule known as averaging.
    Each vote, a blank one too, brings the same sum. Rejected: nothing for the unranked, by which a short ballot gives
    its options the longest lead, and points from the number ranked (Emerson's modified count), by which it counts for
    less. Borda himself gave one more on each ballot, which orders the options alike.
    One option is elected, whatever `seats` says. Exact in halves. Costs the matrix of `preferences_in`, no more.
    """
    preferences = preferences_in(tallies, rules.option_ids)
    others = preferences.votes * (len(rules.option_ids) - 1)
    halves = [others + sum(ours - theirs for ours, theirs in row) for row in preferences.pairs]
    return outcome_by_points("borda", preferences, rules, halves)
