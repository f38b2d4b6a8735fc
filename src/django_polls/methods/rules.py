"""What a method knows of a poll: its options, which ballots it takes, and how they are counted."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

from django_polls.methods.ballots import Word


class FinalTies(StrEnum):
    """What becomes of options that tie for the last place to be won."""

    DECLARE = "declare"
    """All of them win."""

    SEED = "seed"
    """The order that the seed gives decides."""


class Quota(StrEnum):
    """The votes that elect an option where there are several seats."""

    DROOP = "droop"
    """The smallest whole number of which only as many options as there are seats can have so many votes."""

    HARE = "hare"
    """The votes divided by the seats."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """How a ballot may rank: at most so many places (None for all), and several options on one place or not."""

    most: int | None = None
    may_tie: bool = False


@dataclass(frozen=True, slots=True)
class Scores:
    """How a ballot may score: whole numbers in `least..most`; of dots, so many altogether and on one option.

    An option without a score counts as zero, or is left out of the option's figures (`unscored_is_zero`).
    """

    least: int = 0
    most: int = 5
    unscored_is_zero: bool = True
    points: int | None = None
    must_spend_all: bool = False
    most_on_one: int | None = None


@dataclass(frozen=True, slots=True)
class Ties:
    """How ties are broken: the last one by `final`, any other by `seed` where nothing else decides.

    While a poll is open its seed is secret: `is_settled` is false, another seed stands in, and who ties for the last
    place is ahead.
    """

    seed: bytes = b""
    final: FinalTies = FinalTies.DECLARE
    is_settled: bool = True

    @property
    def declares(self) -> bool:
        """Whether all win who tie for the last place, as far as is known."""
        return self.final is FinalTies.DECLARE or not self.is_settled

    @property
    def seeded_by(self) -> str:
        """How a tie was broken, as `Tie.broken_by` has it, where the order of the seed did it, or of what stands in."""
        return "seed" if self.is_settled else "hash"

    @property
    def declared_by(self) -> str:
        """How a tie was broken, as `Tie.broken_by` has it, where `declares`."""
        return "declared" if self.final is FinalTies.DECLARE else "at_close"


@dataclass(frozen=True, slots=True)
class Decision:
    """What it takes for a poll to be decided: so many votes, and such a share of them for whoever wins.

    The quorum is a number of votes, or a share of the `electorate`, which is known once the poll has closed.
    """

    quorum: int | None = None
    quorum_share: Fraction | None = None
    electorate: int | None = None
    pass_threshold: Fraction | None = None

    @property
    def is_needed(self) -> bool:
        """Whether anything is asked beyond winning."""
        return (self.quorum, self.quorum_share, self.pass_threshold) != (None, None, None)

    @property
    def votes_needed(self) -> int | None:
        """The votes that make the quorum; None where there is none, or where it is not known yet."""
        if self.quorum_share is None:
            return self.quorum
        # A share of nobody is not reached by nobody.
        return None if self.electorate is None else max(1, ceil(self.quorum_share * self.electorate))


@dataclass(frozen=True, slots=True)
class Rules:
    """What a method knows of a poll: its options in the order shown, which ballots it takes, and how it counts them.

    `count` is one of the method's `counts`, where it has several; `seats` is how many options win, where that is given.
    `words` are those that may stand on a ballot instead of marks.
    """

    option_ids: tuple[int, ...]
    min_options: int = 1
    max_options: int | None = None
    count: str = ""
    seats: int = 1
    quota: Quota = Quota.DROOP
    ranks: Ranks = Ranks()
    scores: Scores = Scores()
    ties: Ties = Ties()
    words: frozenset[Word] = frozenset()
    decision: Decision = Decision()
