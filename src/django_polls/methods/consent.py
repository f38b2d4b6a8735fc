"""Consent to one proposal: agree, disagree, abstain or block.

Source of the block: C. T. Butler and A. Rothstein, "On Conflict and Consensus: A Handbook on Formal Consensus
Decisionmaking" (1987). Source of the majority, in which abstentions do not count, and of the tie, which defeats the
proposal: "Robert's Rules of Order Newly Revised", 12th edition (2020), section 44.
"""

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from django_polls.methods.approval import SingleChoice
from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import Outcome, Tie
from django_polls.methods.rules import Rules


class YesNo(SingleChoice):
    """One proposal: its four options are, in the order shown, agree, disagree, abstain and block."""

    key = "yes_no"
    label = _("Proposal: agree, disagree, abstain or block")

    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return the votes of each answer, and as the winner the answer that decides, not the one with most votes.

        A block decides, however many agree. Without one it is agree if more agree than disagree: the proposal is
        adopted, which it is in no other case. Else it is disagree, also where they are as many, and the tie is told.
        Abstentions count as votes alone: they decide nothing, and where nobody took a side nobody wins. So the answer
        that wins always has votes.
        """
        agree, disagree, _abstain, block = rules.option_ids
        outcome = super().count(tallies, rules)
        votes = {option.option_id: option.votes or 0 for option in outcome.options}
        winners: tuple[int, ...] = ()
        ties: tuple[Tie, ...] = ()
        if votes[block]:
            winners = (block,)
        elif votes[agree] > votes[disagree]:
            winners = (agree,)
        elif votes[disagree]:
            winners = (disagree,)
            if votes[agree] == votes[disagree]:
                ties = (Tie((agree, disagree), "status_quo", winners),)
        return replace(outcome, tie_rule=rules.ties.final, winners=winners, ties=ties)
