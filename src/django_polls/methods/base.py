"""The values every voting method works with, and the small base class that a method fills in."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Mark:
    """One option on a ballot, with a rank (1 is best) or a score where the method has them."""

    option_id: int
    rank: int | None = None
    score: Decimal | None = None

    def __str__(self) -> str:
        rank = "" if self.rank is None else f":{self.rank}"
        score = "" if self.score is None else f"={self.score.normalize():f}"
        return f"{self.option_id}{rank}{score}"


@dataclass(frozen=True, slots=True)
class Ballot:
    """One way to fill in a voting paper. Equal ballots have equal bodies, in whatever order they were marked."""

    marks: tuple[Mark, ...] = ()

    @classmethod
    def of(cls, *option_ids: int) -> Self:
        """Return the ballot that marks these options, without ranks or scores."""
        return cls(tuple(Mark(option_id) for option_id in option_ids))

    @property
    def body(self) -> str:
        """The canonical text: marks by option id, as `id`, `id:rank` or `id=score`, a space between them."""
        return " ".join(map(str, sorted(self.marks, key=lambda mark: mark.option_id)))

    @property
    def key(self) -> str:
        """SHA-256 of the body, as 64 hexadecimal digits."""
        return hashlib.sha256(self.body.encode()).hexdigest()


class Tally(NamedTuple):
    """One distinct ballot, by its body, and the number of votes that chose it."""

    body: str
    votes: int


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


@dataclass(frozen=True, slots=True)
class OptionCount:
    """The votes that mark one option (first preferences where ranked, None where options are scored)."""

    option_id: int
    votes: int | None


Exact = int | str
"""An exact figure as JSON has it: a whole number, else a decimal text ("12.5") that ends, else a fraction ("1/3")."""

MOST_DECIMALS = 10**9


def exact(figure: Fraction | int) -> Exact:
    """Return a figure as `Exact`. No figure is ever rounded here."""
    value = Fraction(figure)
    if value.denominator == 1:
        return value.numerator
    if MOST_DECIMALS % value.denominator == 0:
        return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return f"{value.numerator}/{value.denominator}"


@dataclass(frozen=True, slots=True)
class OptionPoints:
    """What a method orders the options by: points, a sum, a mean, a median."""

    option_id: int
    points: Exact


@dataclass(frozen=True, slots=True)
class Transfer:
    """Votes that left an option at the end of a round; `target` is None for those without a further choice."""

    source: int
    target: int | None
    votes: Exact


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a count: what each option still in it has, in the order shown, and what follows from it.

    `totals`, `exhausted` and the votes of those who left earlier rounds elected add up to the votes.
    """

    totals: tuple[OptionPoints, ...]
    exhausted: Exact = 0
    quota: Exact | None = None
    elected: tuple[int, ...] = ()
    eliminated: tuple[int, ...] = ()
    transfers: tuple[Transfer, ...] = ()


@dataclass(frozen=True, slots=True)
class Tie:
    """Options that were equal where only some could go on, and how it was decided which.

    `broken_by` is `previous_rounds`, `seed`, or `declared` where all of them win; `chosen` are those it fell on: who
    is eliminated in an elimination, else who wins. `round` counts from 1, None where the method has no rounds.
    A method's own steps are `match_ups`, `scores` and `top_scores` (STAR), `grades` (majority judgment) and
    `status_quo` (a proposal with as many for as against it); where several follow one another, `chosen` are those
    whom the step favours.
    """

    options: tuple[int, ...]
    broken_by: str
    chosen: tuple[int, ...]
    round: int | None = None


@dataclass(frozen=True, slots=True)
class Majority:
    """One pairwise majority of ranked pairs, in the order looked at; `is_locked` is False where it closed a cycle."""

    winner: int
    loser: int
    votes: int
    against: int
    is_locked: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a method made of the ballots: facts only, the same bytes for the same ballots.

    `votes` is the number of votes; `winners` holds every option that won, in the order shown, none without votes.
    What follows them is there where the method has it: `ranking` all options in groups, best first; `points` what they
    are ordered by; `rounds`; `pairwise[i][j]` the votes that prefer option i to j, both in the order shown;
    `strengths[i][j]` the strength of the strongest path from i to j; `majorities`; `ties`.
    """

    method: str
    version: int
    tie_rule: str
    votes: int
    options: tuple[OptionCount, ...]
    winners: tuple[int, ...]
    count: str = ""
    ranking: tuple[tuple[int, ...], ...] = ()
    points: tuple[OptionPoints, ...] = ()
    rounds: tuple[Round, ...] = ()
    pairwise: tuple[tuple[int, ...], ...] = ()
    strengths: tuple[tuple[int, ...], ...] = ()
    majorities: tuple[Majority, ...] = ()
    ties: tuple[Tie, ...] = ()

    def to_json(self) -> str:
        """Return the canonical JSON: keys sorted, no white space, nothing of what the method does not have."""
        facts = {name: value for name, value in asdict(self).items() if name in ALWAYS_TOLD or value}
        return json.dumps(facts, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the outcome that `to_json` wrote."""
        return _read(cls, json.loads(text))

    @property
    def option_votes(self) -> Mapping[int, int | None]:
        """The votes that mark each option, by its id."""
        return {option.option_id: option.votes for option in self.options}


ALWAYS_TOLD = frozenset({"method", "version", "tie_rule", "votes", "options", "winners"})

# The members that hold rows, by the class that they are members of.
ROWS: Mapping[type, Mapping[str, type]] = {
    Outcome: {
        "options": OptionCount,
        "points": OptionPoints,
        "rounds": Round,
        "majorities": Majority,
        "ties": Tie,
    },
    Round: {"totals": OptionPoints, "transfers": Transfer},
}

T = TypeVar("T")


def _read(kind: type[T], facts: Mapping[str, Any]) -> T:
    """Return the value whose members, as JSON has them, these are."""
    rows = ROWS.get(kind, {})
    return kind(
        **{
            name: tuple(_read(rows[name], row) for row in value) if name in rows else _plain(value)
            for name, value in facts.items()
        }
    )


def _plain(value: object) -> object:
    return tuple(map(_plain, value)) if isinstance(value, list) else value


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
