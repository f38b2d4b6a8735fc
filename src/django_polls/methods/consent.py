"""Consent to one proposal: agree, disagree, abstain or block.

Source of the block: C. T. Butler and A. Rothstein, "On Conflict and Consensus: A Handbook on Formal Consensus
Decisionmaking" (1987). Source of the majority, in which abstentions do not count, and of the tie, which defeats the
proposal: "Robert's Rules of Order Newly Revised", 12th edition (2020), section 44.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_polls.methods.approval import SingleChoice
from django_polls.methods.ballots import Ballot, Tally, Word
from django_polls.methods.base import Support
from django_polls.methods.outcomes import Outcome, Tie
from django_polls.methods.rules import FinalTies, Rules


class YesNo(SingleChoice):
    """One proposal: its four options are, in the order shown, agree, disagree, abstain and block."""

    key = "yes_no"
    label = _("Proposal: agree, disagree, abstain or block")
    takes_places = False
    is_proposal = True
    fixed_options = (_("Agree"), _("Disagree"), _("Abstain"), _("Block"))

    def faults(self, rules: Rules) -> Mapping[str, str | Promise]:
        """Return what speaks against a poll under these rules, by the field of the poll that is at fault."""
        found = dict(super().faults(rules))
        if len(rules.option_ids) != len(self.fixed_options):
            found["options"] = _("A proposal has four options: agree, disagree, abstain and block.")
        if Word.ABSTAIN in rules.words:
            found["allows_abstention"] = _("Abstaining is one of the answers to a proposal.")
        if Word.NONE_OF_THESE in rules.words:
            found["allows_none_of_these"] = _("Whoever is against a proposal disagrees with it or blocks it.")
        return found

    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return the votes of each answer, and as the winner the answer that decides, not the one with most votes.

        A block decides, however many agree. Without one it is agree if more agree than disagree: the proposal is
        adopted, which it is in no other case. Else it is disagree, also where they are as many, and the tie is told.
        Abstentions count as votes alone: they decide nothing, and where nobody took a side nobody wins. So the answer
        that wins always has votes.
        """
        agree, disagree, _abstain, block = rules.option_ids
        # No tie between answers is broken but the one that keeps things as they are.
        outcome = super().count(tallies, replace(rules, ties=replace(rules.ties, final=FinalTies.DECLARE)))
        votes = {option.option_id: option.votes for option in outcome.options}
        winners: tuple[int, ...] = ()
        ties: tuple[Tie, ...] = ()
        pro, contra = Fraction(votes[agree] or 0), Fraction(votes[disagree] or 0)
        if votes[block]:
            winners = (block,)
        elif pro > contra:
            winners = (agree,)
        elif contra:
            winners = (disagree,)
            if pro == contra:
                ties = (Tie((agree, disagree), "status_quo", winners),)
        return replace(outcome, tie_rule=rules.ties.final.value, winners=winners, ties=ties)

    def adopts(self, outcome: Outcome, rules: Rules) -> bool:
        """Whether the proposal is adopted."""
        return outcome.winners == rules.option_ids[:1]

    def support(self, outcome: Outcome, tallies: Sequence[Tally], rules: Rules) -> Support:
        """Return the votes that agree, and those that took a side: abstentions do not count."""
        agree, disagree, _abstain, block = (Fraction(votes or 0) for votes in outcome.option_votes.values())
        return Support(agree, agree + disagree + block)

    def objects(self, ballot: Ballot, rules: Rules) -> bool:
        """Whether a ballot disagrees or blocks."""
        _agree, disagree, _abstain, block = rules.option_ids
        return any(mark.option_id in {disagree, block} for mark in ballot.marks)
