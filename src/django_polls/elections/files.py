"""The format of election files: options and counted ballots, read whole from JSON or CSV or refused with a position."""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ValidationError

from django_polls.conf import conf
from django_polls.models.options import OPTION_LENGTH
from django_polls.models.text import comparison_key, normalized, validate_plain_line

T = TypeVar("T")

#: The methods under which ballots of each type are cast, first the one that is taken unless another is asked for.
#: Under `single` that is the first preference of a ranking.
METHODS = {"ranked": ("single", "ranked"), "approval": ("approval",), "score": ("score",)}

MAX_JSON_BYTES = 50_000_000
MAX_BALLOTS = 100_000_000
HEADER = "#options"

_NAMES = {dict: "an object", int: "a whole number", list: "a list", str: "a text"}

Groups = tuple[tuple[int, ...], ...]
"""Options of one ballot, by their places in the election's list: best first, or all approved ones in one group."""

Scores = tuple[tuple[int, int], ...]
"""Options of one ballot, by their places in the election's list, each with its score."""


class UnreadableElection(ValueError):
    """A file that is no election, or not one that a poll can hold: where, and why."""

    def __init__(self, position: str, reason: str) -> None:
        super().__init__(f"{position}: {reason}")


@dataclass(frozen=True, slots=True)
class CountedBallot:
    """One way in which ballots were filled in, and how many were. A blank one has neither groups nor scores."""

    count: int
    groups: Groups = ()
    scores: Scores = ()


@dataclass(frozen=True, slots=True)
class Election:
    """What a file holds, and the method under which it is cast.

    `digest` is the SHA-256 of its bytes in hexadecimal; CSV has no title. Scores are from 0 to `max_score`.
    """

    digest: str
    title: str
    method: str
    options: tuple[str, ...]
    ballots: tuple[CountedBallot, ...]
    max_score: int | None = None

    @property
    def total(self) -> int:
        """How many ballots were cast in the election."""
        return sum(ballot.count for ballot in self.ballots)


class _Options:
    """The options met so far, and their places by every spelling met."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._by_key: dict[str, int] = {}
        self._by_spelling: dict[str, int] = {}

    def add(self, spelling: str, position: str) -> int:
        """Add an option, and return its place. Raises UnreadableElection."""
        if self._found(spelling, position) is not None:
            raise UnreadableElection(position, "this option is there already.")
        if len(self.texts) >= conf.max_options:
            raise UnreadableElection(position, f"one option too many; a poll has at most {conf.max_options}.")
        self.texts.append(normalized(spelling))
        return self._by_key.setdefault(comparison_key(spelling), len(self.texts) - 1)

    def place(self, spelling: str, position: str, *, may_add: bool = False) -> int:
        """Return the place of an option, compared as a poll compares them. Raises UnreadableElection."""
        place = self._by_spelling.get(spelling)
        if place is None:
            place = self._found(spelling, position)
        if place is None and not may_add:
            raise UnreadableElection(position, f"there is no option {spelling!r}.")
        place = self.add(spelling, position) if place is None else place
        return self._by_spelling.setdefault(spelling, place)

    def _found(self, spelling: str, position: str) -> int | None:
        text = normalized(spelling)
        if not 0 < len(text) <= OPTION_LENGTH:
            raise UnreadableElection(position, f"an option has 1 to {OPTION_LENGTH} characters.")
        try:
            validate_plain_line(text)
        except ValidationError as error:
            raise UnreadableElection(position, error.messages[0]) from None
        return self._by_key.get(comparison_key(text))


@dataclass(frozen=True, slots=True)
class _Paper:
    """What the ballots of a file are: of which type, for which options, with scores up to which."""

    kind: str
    options: _Options
    max_score: int | None


def read_election(path: Path, method: str | None = None) -> Election:
    """Return the election in a file: CSV where its name ends so, else JSON. docs/reference/election-files.md has both.

    `method` is that of `METHODS` under which the ballots are cast. It says what the ballots of a CSV are (ranked unless
    it is given); JSON says it itself, and must agree. Memory grows with the distinct ballots. Raises
    UnreadableElection or OSError.
    """
    if path.suffix.lower() == ".csv":
        return _read_csv(path, method or METHODS["ranked"][0])
    return _read_json(path, method)


def _read_json(path: Path, method: str | None) -> Election:
    with path.open("rb") as file:
        content = file.read(MAX_JSON_BYTES + 1)
    if len(content) > MAX_JSON_BYTES:
        raise UnreadableElection("file", f"larger than {MAX_JSON_BYTES} bytes; as CSV it may have any size.")
    members = _typed(_parsed(content), dict, "file")
    kind = _member(members, "ballot_type", str)
    method = _method_for(kind, method)
    options = _Options()
    paper = _Paper(kind, options, _member(members, "max_score", int) if kind == "score" else None)
    for number, text in enumerate(_member(members, "candidates", list)):
        options.add(_typed(text, str, f"candidates[{number}]"), f"candidates[{number}]")
    ballots = tuple(_counted(members, paper))
    title = _typed(members.get("title", ""), str, "title")
    return Election(hashlib.sha256(content).hexdigest(), title, method, tuple(options.texts), ballots, paper.max_score)


def _method_for(kind: str, asked: str | None) -> str:
    """Return the method for ballots of a kind: the one asked for, if that is among theirs."""
    methods = METHODS.get(kind)
    if methods is None:
        raise UnreadableElection("ballot_type", f"must be one of {', '.join(METHODS)}.")
    if asked not in {None, *methods}:
        theirs = " or ".join(f'"{method}"' for method in methods)
        raise UnreadableElection("ballot_type", f'{kind} ballots are cast under {theirs}, not under "{asked}".')
    return asked or methods[0]


def _parsed(content: bytes) -> object:
    try:
        parsed: object = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_members)
    except UnreadableElection:
        raise
    except UnicodeDecodeError as error:
        raise UnreadableElection(f"byte {error.start}", "not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise UnreadableElection(f"line {error.lineno}, column {error.colno}", f"not JSON ({error.msg}).") from None
    except (ValueError, RecursionError):
        raise UnreadableElection("file", "nested too deeply, or with a number too long.") from None
    return parsed


def _members(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Return the members of an object; one that is there twice would have two values, such as an option two scores."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise UnreadableElection("file", "an object has two members of the same name.")
    return members


def _counted(members: Mapping[str, object], paper: _Paper) -> Iterator[CountedBallot]:
    """Yield the ballots, and raise UnreadableElection where they do not add up to `n_ballots`."""
    total = 0
    for number, entry in enumerate(_member(members, "ballots", list)):
        ballot = _counted_ballot(entry, paper, f"ballots[{number}]")
        total += ballot.count
        yield ballot
    if total > MAX_BALLOTS:
        raise UnreadableElection("ballots", f"more than {MAX_BALLOTS} in all.")
    if "n_ballots" in members and _member(members, "n_ballots", int) != total:
        raise UnreadableElection("n_ballots", f"the ballots add up to {total}.")


def _counted_ballot(entry: object, paper: _Paper, position: str) -> CountedBallot:
    pair = _typed(entry, list, position)
    if len(pair) != 2:
        raise UnreadableElection(position, "must be a count and a ballot.")
    count = _typed(pair[0], int, f"{position}[0]")
    if count < 1:
        raise UnreadableElection(f"{position}[0]", "must be at least 1.")
    if paper.max_score is not None:
        scores = _typed(pair[1], dict, f"{position}[1]")
        return CountedBallot(count, scores=_scores(scores, paper.options, paper.max_score, f"{position}[1]"))
    body = _typed(pair[1], list, f"{position}[1]")
    groups = body if paper.kind == "ranked" else [body] if body else []
    return CountedBallot(count, _groups(groups, paper.options, f"{position}[1]"))


def _scores(body: Mapping[str, object], options: _Options, most: int, position: str) -> Scores:
    scores = tuple((options.place(text, position), _typed(score, int, position)) for text, score in body.items())
    _refuse_repeats([place for place, _score in scores], position)
    if not all(0 <= score <= most for _place, score in scores):
        raise UnreadableElection(position, f"a score is a number from 0 to {most}.")
    return scores


def _groups(groups: Iterable[object], options: _Options, position: str) -> Groups:
    places = tuple(
        tuple(options.place(_typed(text, str, position), position) for text in _typed(group, list, position))
        for group in groups
    )
    if not all(places):
        raise UnreadableElection(position, "a group names no option.")
    _refuse_repeats([place for group in places for place in group], position)
    return places


def _refuse_repeats(places: Sequence[int], position: str) -> None:
    if len(set(places)) < len(places):
        raise UnreadableElection(position, "an option is marked twice.")


def _member(members: Mapping[str, object], name: str, kind: type[T]) -> T:
    if name not in members:
        raise UnreadableElection(name, "missing.")
    return _typed(members[name], kind, name)


def _typed(value: object, kind: type[T], position: str) -> T:
    """Return the value if it is of this type; true and false are no numbers."""
    if not isinstance(value, kind) or isinstance(value, bool):
        raise UnreadableElection(position, f"must be {_NAMES[kind]}.")
    return value


def _read_csv(path: Path, method: str) -> Election:
    if method in METHODS["score"]:
        raise UnreadableElection("file", "a CSV holds no scores; JSON does.")
    options, digest = _Options(), hashlib.sha256()
    with path.open("rb") as file:
        ballots: Counter[tuple[int, ...]] = Counter(_rows(_lines(file, digest.update), options))
    counted = (CountedBallot(count, _csv_groups(places, method)) for places, count in ballots.items())
    return Election(digest.hexdigest(), "", method, tuple(options.texts), tuple(counted))


def _csv_groups(places: tuple[int, ...], method: str) -> Groups:
    if method in METHODS["ranked"]:
        return tuple((place,) for place in places)
    return (places,) if places else ()


def _lines(file: Iterable[bytes], hash_line: Callable[[bytes], None]) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        hash_line(line)
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise UnreadableElection(f"line {number}", "not UTF-8.") from None
        yield text


def _rows(lines: Iterator[str], options: _Options) -> Iterator[tuple[int, ...]]:
    """Yield the places of the options on each ballot; a header, if there is one, says which options there are."""
    reader = csv.reader(lines, strict=True)
    may_add = True
    try:
        for row in reader:
            position = f"line {reader.line_num}"
            if row[:1] == [HEADER] and reader.line_num == 1:
                may_add = False
                for text in row[1:]:
                    options.add(text, position)
                continue
            places = tuple(options.place(cell, position, may_add=may_add) for cell in row if cell)
            _refuse_repeats(places, position)
            if row:
                yield places
    except csv.Error as error:
        raise UnreadableElection(f"line {reader.line_num}", f"not CSV ({error}).") from None
