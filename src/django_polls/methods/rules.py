"""What a method knows of a poll: its options, which ballots it takes, and how they are counted."""

from dataclasses import dataclass
from enum import StrEnum


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
    """How ties are broken: the last one by `final`, any other by `seed` where nothing else decides."""

    seed: bytes = b""
    final: FinalTies = FinalTies.DECLARE


@dataclass(frozen=True, slots=True)
class Rules:
    """What a method knows of a poll: its options in the order shown, which ballots it takes, and how it counts them.

    `count` is one of the method's `counts`, where it has several; `seats` is how many options win, where that is given.
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
