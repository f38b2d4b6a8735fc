"""What is counted: ballots as values, and how many votes each has."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Self


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
