"""The small base class that a voting method fills in."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_polls.methods.ballots import Ballot, Tally
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import Rules


class Support(NamedTuple):
    """The votes for whoever wins, and those that they are a share of."""

    votes: Fraction
    base: Fraction


class VotingMethod(ABC):
    """A strategy: which marks are valid, and how ballots are counted. It has no state and sees no database.

    `version` rises when the same ballots would be counted otherwise; it is stored with every outcome.
    `fields` names the members of a request that express its ballots: `option_id`, `option_ids`, `ranking`, `scores`.
    `counts` names the ways of counting, where a poll has a choice of several, and the first is what it takes without.
    `ratios` names those of them whose points are no votes or sums of them, so that heavier votes do not raise them.
    `few_ballots` says that a poll has at most about as many distinct ballots as options, so that counting them
    afresh costs less than remembering the outcome.
    `ranks_options` says that its cost grows with the square or the cube of the options, so that they are limited.
    `takes_places` says that a mark takes one of the places that an option has, where these are limited.
    `is_proposal` says that its outcome is a decision, so that there is always a verdict.
    `fixed_options` are the texts of the options of every such poll, where they are the same.
    """

    key: ClassVar[str]
    label: ClassVar[str | Promise]
    version: ClassVar[int]
    fields: ClassVar[tuple[str, ...]]
    counts: ClassVar[tuple[str, ...]] = ()
    ratios: ClassVar[frozenset[str]] = frozenset()
    tie_rule: ClassVar[str] = "declare"
    few_ballots: ClassVar[bool] = False
    ranks_options: ClassVar[bool] = False
    takes_places: ClassVar[bool] = False
    is_proposal: ClassVar[bool] = False
    fixed_options: ClassVar[tuple[str | Promise, ...]] = ()

    @abstractmethod
    def check(self, ballot: Ballot, rules: Rules) -> None:
        """Raise a child of `InvalidBallot` unless the ballot is valid under the rules."""

    @abstractmethod
    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return the outcome of these ballots, in whatever order they come; one may come in several parts."""

    def faults(self, rules: Rules) -> Mapping[str, str | Promise]:
        """Return what speaks against a poll under these rules, by the field of the poll that is at fault."""
        found: dict[str, str | Promise] = {}
        if rules.count and rules.count not in self.counts:
            found["count"] = _("This method has no such way of counting.")
        if rules.seats != 1:
            found["seats"] = _("One option wins under this method.")
        return found

    def adopts(self, outcome: Outcome, rules: Rules) -> bool:
        """Whether an outcome decides for something, any threshold aside: by default, where an option wins."""
        return bool(outcome.winners)

    def support(self, outcome: Outcome, tallies: Sequence[Tally], rules: Rules) -> Support:
        """Return the votes for whoever wins, of several for the one with the fewest, and all that mark options.

        `pass_threshold` asks for the share that they are. By default a vote is for the options it marks.
        """
        votes = outcome.option_votes
        return Support(min(Fraction(votes[winner] or 0) for winner in outcome.winners), Fraction(outcome.votes))

    def objects(self, ballot: Ballot, rules: Rules) -> bool:
        """Whether a ballot speaks against a proposal, so that a reason may be asked for."""
        return False
