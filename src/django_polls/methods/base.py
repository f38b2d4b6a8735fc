"""The small base class that a voting method fills in."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from django.utils.functional import Promise

from django_polls.methods.ballots import Ballot, Tally
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import Rules


class VotingMethod(ABC):
    """A strategy: which marks are valid, and how ballots are counted. It has no state and sees no database.

    `version` rises when the same ballots would be counted otherwise; it is stored with every outcome.
    `fields` names the members of a request that express its ballots (`option_id`, `option_ids`).
    `counts` names the ways of counting, where a poll has a choice of several.
    `few_ballots` says that a poll has at most about as many distinct ballots as options, so that counting them
    afresh costs less than remembering the outcome.
    """

    key: ClassVar[str]
    label: ClassVar[str | Promise]
    version: ClassVar[int]
    fields: ClassVar[tuple[str, ...]]
    counts: ClassVar[tuple[str, ...]] = ()
    tie_rule: ClassVar[str] = "declare"
    few_ballots: ClassVar[bool] = False

    @abstractmethod
    def check(self, ballot: Ballot, rules: Rules) -> None:
        """Raise a child of `InvalidBallot` unless the ballot is valid under the rules."""

    @abstractmethod
    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return the outcome of these distinct ballots, in whatever order they come."""
