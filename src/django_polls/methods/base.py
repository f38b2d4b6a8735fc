"""The values every voting method works with, and the small base class that a method fills in."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple, Self

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


@dataclass(frozen=True, slots=True)
class Rules:
    """What a method knows of a poll: its options in the order shown, and how many of them a ballot may mark."""

    option_ids: tuple[int, ...]
    min_options: int = 1
    max_options: int | None = None


@dataclass(frozen=True, slots=True)
class OptionCount:
    """The votes that mark one option (first preferences where ranked, None where options are scored)."""

    option_id: int
    votes: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a method made of the ballots: facts only, the same bytes for the same ballots.

    `votes` is the number of votes; `winners` holds every option that won, in the order shown, none without votes.
    """

    method: str
    version: int
    tie_rule: str
    votes: int
    options: tuple[OptionCount, ...]
    winners: tuple[int, ...]

    def to_json(self) -> str:
        """Return the canonical JSON: keys sorted, no white space."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the outcome that `to_json` wrote."""
        facts: dict[str, Any] = json.loads(text)
        facts["options"] = tuple(OptionCount(**option) for option in facts["options"])
        facts["winners"] = tuple(facts["winners"])
        return cls(**facts)

    @property
    def option_votes(self) -> Mapping[int, int | None]:
        """The votes that mark each option, by its id."""
        return {option.option_id: option.votes for option in self.options}


class VotingMethod(ABC):
    """A strategy: which marks are valid, and how ballots are counted. It has no state and sees no database.

    `version` rises when the same ballots would be counted otherwise; it is stored with every outcome.
    `fields` names the members of a request that express its ballots (`option_id`, `option_ids`).
    `few_ballots` says that a poll has at most about as many distinct ballots as options, so that counting them
    afresh costs less than remembering the outcome.
    """

    key: ClassVar[str]
    label: ClassVar[str | Promise]
    version: ClassVar[int]
    fields: ClassVar[tuple[str, ...]]
    tie_rule: ClassVar[str] = "declare"
    few_ballots: ClassVar[bool] = False

    @abstractmethod
    def check(self, ballot: Ballot, rules: Rules) -> None:
        """Raise a child of `InvalidBallot` unless the ballot is valid under the rules."""

    @abstractmethod
    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        """Return the outcome of these distinct ballots, in whatever order they come."""
