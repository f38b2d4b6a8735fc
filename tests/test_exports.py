"""CSV that no spreadsheet computes, and the outcomes of polls as rows."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from django_polls import exports, lifecycle, results
from django_polls.identity import Voter
from django_polls.methods.rankings import ballot_of
from django_polls.models import Poll
from django_polls.voting import cast_vote
from tests.factories import PollFactory, UserFactory

FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "\u3000=1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.com")',
    "-",
    "+",
    "-1e9",
    "+1,5",
)


@pytest.mark.pure
@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_formula_gets_an_apostrophe(text: str) -> None:
    assert exports.cell(text) == f"'{text}"


@pytest.mark.pure
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0, "0"),
        (-5, "-5"),
        ("+5", "+5"),
        ("-0.25", "-0.25"),
        (Decimal("12.50"), "12.50"),
        ("1/3", "'1/3"),
        (Fraction(1, 3), "'1/3"),
        ("Tea = coffee", "Tea = coffee"),
        ("", ""),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00+00:00"),
    ],
    ids=repr,
)
def test_other_values_stay_what_they_are(value: object, text: str) -> None:
    assert exports.cell(value) == text


@pytest.mark.pure
def test_lines_begin_with_a_byte_order_mark_and_come_one_by_one() -> None:
    lines = exports.csv_lines(iter([("a", 'b"c'), ("d\ne", 1)]))

    assert next(lines) == "\ufeff"
    assert next(lines) == 'a,"b""c"\r\n'
    assert list(csv.reader(["".join(lines)])) == [["d\ne", "1"]]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("part", "base", "decimals", "text"),
    [
        (1, 3, 2, "33.33"),
        (2, 3, 2, "66.67"),
        (1, 8, 1, "12.5"),
        (1, 800, 1, "0.1"),
        (1, 2, 0, "50"),
        ("1/3", "2/3", 2, "50.00"),
        (0, 5, 2, "0.00"),
        (0, 0, 2, ""),
    ],
)
def test_shares_are_rounded_half_up(part: int | str, base: int | str, decimals: int, text: str) -> None:
    assert exports.share_percent(part, base, decimals) == text


@pytest.mark.django_db
def test_outcome_has_rows_of_options_rounds_and_sentences() -> None:
    poll = lifecycle.create_poll(
        lifecycle.PollDraft(
            {"title": "Trip", "method": "ranked", "final_ties": "declare"},
            [lifecycle.OptionDraft(text) for text in ("Sea", "Lake", "Hill")],
        )
    )
    sea, lake, hill = (option.pk for option in poll.options.all())
    for ranking in ([[sea]], [[sea], [lake]], [[lake], [sea]], [[lake]], [[hill], [sea]]):
        cast_vote(poll, Voter.from_user(UserFactory()), ballot_of(ranking))
    lifecycle.close_poll(poll)
    closed = Poll.objects.with_clock().get()

    head, *rows = exports.outcome_rows([closed, PollFactory()], results.outcomes_of([closed]))

    first = (poll.pk, "Trip", "ranked", "irv", "closed", 5, 5)
    nobody, blank = (*first, "sentence"), ("",) * 6
    assert (head, rows) == (
        exports.HEAD,
        [
            (*first, "option", 1, sea, "Sea", 2, "40.00", None, "yes", ""),
            (*first, "option", 2, lake, "Lake", 2, "40.00", None, "no", ""),
            (*first, "option", 3, hill, "Hill", 1, "20.00", None, "no", ""),
            (*first, "round", 1, sea, "Sea", "", "", 2, "", ""),
            (*first, "round", 1, lake, "Lake", "", "", 2, "", ""),
            (*first, "round", 1, hill, "Hill", "", "", 1, "", "eliminated"),
            (*first, "round", 2, sea, "Sea", "", "", 3, "", "elected"),
            (*first, "round", 2, lake, "Lake", "", "", 2, "", ""),
            (*nobody, 1, *blank, "Round 1: Hill has the fewest votes (1) and is out; 1 of its votes goes to Sea."),
            (*nobody, 2, *blank, "Round 2: Sea (3) is elected."),
            (*nobody, 3, *blank, "Sea wins."),
        ],
    )
