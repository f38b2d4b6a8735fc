"""Tables as CSV that a spreadsheet opens safely, and the outcomes of polls as such a table.

It starts with a byte order mark: without one Excel reads UTF-8 as the computer's old code page, and every program that
reads CSV knows it (in Python it is the encoding `utf-8-sig`).
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from django_polls.methods.explanation import explanation
from django_polls.methods.outcomes import Exact, Outcome
from django_polls.models import Poll

BYTE_ORDER_MARK = "\ufeff"

# What a spreadsheet takes for the start of a formula, as wide characters too, and what hides one from a simple filter.
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
# Which it would read as a date.
FRACTION = re.compile(r"-?[0-9]+/[0-9]+", re.ASCII)

Row = Sequence[object]

HEAD = (
    "poll_id",
    "poll",
    "method",
    "way_of_counting",
    "status",
    "votes",
    "base",
    "record",
    "number",
    "option_id",
    "option",
    "option_votes",
    "share_percent",
    "points",
    "wins",
    "text",
)


class _Echo:
    """What the writer of `csv` writes to: the line comes back as its result."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of a CSV file one by one, however many rows there are."""
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def cell(value: object) -> str:
    """Return a value as the text of a cell that no spreadsheet computes: an apostrophe goes before what it might."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    text = str(value)
    if NUMBER.fullmatch(text):
        return text
    return f"'{text}" if FORMULA.match(text) or FRACTION.fullmatch(text) else text


def share_percent(part: Exact | Fraction, base: Exact | Fraction, decimals: int = 2) -> str:
    """Return a share in hundredths, rounded half up; empty where there is nothing to share."""
    if not Fraction(base):
        return ""
    scale = 10**decimals
    whole, rest = divmod(int(Fraction(part) * 100 * scale / Fraction(base) + Fraction(1, 2)), scale)
    return f"{whole}.{rest:0{decimals}d}" if decimals else str(whole)


def outcome_rows(polls: Iterable[Poll], outcomes: Mapping[UUID, Outcome]) -> Iterator[Row]:
    """Yield the head, then of each poll that has an outcome its options, its rounds, and what it says in sentences.

    Whether they may be seen was asked before. `record` names the kind of row; columns that it does not have are empty.
    """
    yield HEAD
    for poll in polls:
        if poll.pk in outcomes:
            yield from _poll_rows(poll, outcomes[poll.pk])


def _poll_rows(poll: Poll, outcome: Outcome) -> Iterator[Row]:
    names = {option.pk: option.text for option in poll.options.all()}
    first = (poll.pk, poll.title, outcome.method, outcome.count, poll.status.value, outcome.votes, outcome.base)
    yield from ((*first, *row) for row in _option_rows(outcome, names))
    yield from ((*first, *row) for row in _round_rows(outcome, names))
    for number, sentence in enumerate(explanation(outcome, names, poll.grade_words), 1):
        yield (*first, "sentence", number, "", "", "", "", "", "", sentence)


def _option_rows(outcome: Outcome, names: Mapping[int, str]) -> Iterator[Row]:
    points = {row.option_id: row.points for row in outcome.points}
    for number, (option_id, votes) in enumerate(outcome.option_votes.items(), 1):
        share = "" if votes is None else share_percent(votes, outcome.base)
        wins = "yes" if option_id in outcome.winners else "no"
        yield "option", number, option_id, names.get(option_id, ""), votes, share, points.get(option_id), wins, ""


def _round_rows(outcome: Outcome, names: Mapping[int, str]) -> Iterator[Row]:
    for number, each in enumerate(outcome.rounds, 1):
        for row in each.totals:
            fate = "elected" if row.option_id in each.elected else ""
            fate = "eliminated" if row.option_id in each.eliminated else fate
            yield "round", number, row.option_id, names.get(row.option_id, ""), "", "", row.points, "", fate
