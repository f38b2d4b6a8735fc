"""What is counted: ballots as values, and how many votes each has."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple, Self


class Word(StrEnum):
    """What a ballot says that marks no option, where the poll takes such ballots."""

    ABSTAIN = "abstain"
    """The voter takes part and leaves the decision to the others."""

    NONE_OF_THESE = "none"
    """The voter wants none of the options."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One option on a ballot, with a rank (1 is best) or a score where the method has them."""

    option_id: int
    rank: int | None = None
    score: Decimal | None = None

    def __str__(self) -> str:
        rank = "" if self.rank is None else f":{self.rank}"
        score = "" if self.score is None else f"={_digits(self.score)}"
        return f"{self.option_id}{rank}{score}"


@dataclass(frozen=True, slots=True)
class Ballot:
    """One way to fill in a voting paper: its marks, or a word instead.

    Equal ballots have equal bodies, in whatever order they were marked.
    """

    marks: tuple[Mark, ...] = ()
    word: Word | None = None

    @classmethod
    def of(cls, *option_ids: int) -> Self:
        """Return the ballot that marks these options, without ranks or scores."""
        return cls(tuple(Mark(option_id) for option_id in option_ids))

    @classmethod
    def from_body(cls, body: str) -> Self:
        """Return the ballot whose canonical text this is. Raises ValueError."""
        if body in WORDS:
            return cls(word=Word(body))
        return cls(tuple(map(_mark, body.split())))

    @property
    def body(self) -> str:
        """The canonical text: the word, or the marks by option id, as `id`, `id:rank` or `id=score`, with spaces."""
        return self.word or " ".join(map(str, sorted(self.marks, key=lambda mark: mark.option_id)))

    @property
    def key(self) -> str:
        """SHA-256 of the body, as 64 hexadecimal digits."""
        return hashlib.sha256(self.body.encode()).hexdigest()


WORDS = frozenset(Word)


def _mark(text: str) -> Mark:
    option_id, _equals, score = text.partition("=")
    if score:
        return Mark(int(option_id), score=_score(score))
    option_id, _colon, rank = text.partition(":")
    return Mark(int(option_id), int(rank) if rank else None)


def _digits(score: Decimal) -> str:
    """Return equal scores as equal text, -0 as 0, without the host's decimal context, which may round."""
    digits = f"{score or Decimal():f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _score(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None


class Tally(NamedTuple):
    """One distinct ballot, by its body, and the number of votes that chose it."""

    body: str
    votes: int


class CountedBallot(NamedTuple):
    """A stored ballot, by its body, with its number of votes and what each of them weighs; None for 1."""

    body: str
    votes: int
    weight: Decimal | None = None
