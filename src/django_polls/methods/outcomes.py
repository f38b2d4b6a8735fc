"""What a count comes to: facts, as values that are stored as canonical JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self, TypeVar

Exact = int | str
"""An exact figure as JSON has it: a whole number, else a decimal text ("12.5") that ends, else a fraction ("1/3")."""

MOST_PARTS = 10**9
"""Of one, in figures that are told as decimals: nine of them."""


def exact(figure: Fraction | int) -> Exact:
    """Return a figure as `Exact`. No figure is ever rounded here: decimals are written without the host's context."""
    value = Fraction(figure)
    if value.denominator == 1:
        return value.numerator
    if MOST_PARTS % value.denominator == 0:
        whole, parts = divmod(abs(value.numerator) * (MOST_PARTS // value.denominator), MOST_PARTS)
        return f"{'-' * (value < 0)}{whole}.{parts:09d}".rstrip("0")
    return f"{value.numerator}/{value.denominator}"


@dataclass(frozen=True, slots=True)
class OptionCount:
    """The votes that mark one option (first preferences where ranked, None where options are scored)."""

    option_id: int
    votes: Exact | None


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
    whom the step favours. While a poll is open it may be `at_close`: the poll's seed decides then; or `hash`:
    so does it, and the public hash stands in for it.
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
    votes: Exact
    against: Exact
    is_locked: bool


class Result(StrEnum):
    """Whether a poll that asks for a quorum or for a share of the votes has decided anything."""

    PASSED = "passed"
    FAILED = "failed"
    NO_QUORUM = "no_quorum"
    PENDING = "pending"
    """The quorum depends on how many may vote, which is known once the close is recorded."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the quorum and of the threshold, with the figures that decided it.

    `quorum` are the votes needed; `support` are the votes for whoever wins and `base` those it is a share of;
    `threshold` is the share needed. None where it was not asked for, or where nobody wins.
    """

    result: Result
    quorum: int | None = None
    support: Exact | None = None
    base: Exact | None = None
    threshold: Exact | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a method made of the ballots: facts only, the same bytes for the same ballots.

    `votes` is the number of votes; `winners` holds every option that won, in the order shown, none without votes.
    What follows them is there where the method has it: `ranking` all options in groups, best first; `points` what they
    are ordered by; `rounds`; `pairwise[i][j]` the votes that prefer option i to j, both in the order shown;
    `strengths[i][j]` the strength of the strongest path from i to j; `majorities`; `ties`.

    Of `votes`, `abstentions` and `none_of_these` mark no option. Where votes are weighted, `votes` and these two are
    numbers of votes all the same, `weight` is what the votes that mark options weigh together, and every other figure
    is in the same measure. `verdict` is there where the poll asks for a quorum or for a share of the votes.
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
    pairwise: tuple[tuple[Exact, ...], ...] = ()
    strengths: tuple[tuple[Exact, ...], ...] = ()
    majorities: tuple[Majority, ...] = ()
    ties: tuple[Tie, ...] = ()
    abstentions: int = 0
    none_of_these: int = 0
    weight: Exact | None = None
    verdict: Verdict | None = None

    def to_json(self) -> str:
        """Return the canonical JSON: keys sorted, no white space, nothing of what the method does not have."""
        always = ALWAYS_TOLD if self.weight is None else {*ALWAYS_TOLD, "weight"}
        facts = {name: value for name, value in asdict(self).items() if name in always or value}
        return json.dumps(facts, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the outcome that `to_json` wrote."""
        return _read(cls, json.loads(text))

    @property
    def option_votes(self) -> Mapping[int, Exact | None]:
        """The votes that mark each option, by its id."""
        return {option.option_id: option.votes for option in self.options}

    @property
    def marks(self) -> Exact:
        """The marks of all votes together: more than `base` where a ballot marks several options."""
        votes = [option.votes for option in self.options if option.votes]
        whole = [number for number in votes if isinstance(number, int)]
        return sum(whole) if len(whole) == len(votes) else exact(sum(map(Fraction, votes), Fraction()))

    @property
    def base(self) -> Exact:
        """The votes that mark options, of which an option has its share: no abstention, no "none of these"."""
        return self.votes - self.abstentions - self.none_of_these if self.weight is None else self.weight


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

# The members that are such a value themselves.
PARTS: Mapping[type, Mapping[str, type]] = {Outcome: {"verdict": Verdict}}

T = TypeVar("T")


def _read(kind: type[T], facts: Mapping[str, Any]) -> T:
    """Return the value whose members, as JSON has them, these are."""
    rows, parts = ROWS.get(kind, {}), PARTS.get(kind, {})

    def value_of(name: str, value: Any) -> object:  # noqa: ANN401  as JSON has it
        if name in rows:
            return tuple(_read(rows[name], row) for row in value)
        if name in parts:
            return _read(parts[name], value)
        return Result(value) if name == "result" else _plain(value)

    return kind(**{name: value_of(name, value) for name, value in facts.items()})


def _plain(value: object) -> object:
    return tuple(map(_plain, value)) if isinstance(value, list) else value
