"""The fields that say how a poll is counted: shares, what is wrong among them, and the rules they make."""

import re
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from django_polls.exceptions import MethodUnavailable
from django_polls.methods.ballots import Word
from django_polls.methods.rules import Decision, FinalTies, Quota, Ranks, Rules, Scores, Ties
from django_polls.models import Poll
from django_polls.models.counting import share_in, validate_share


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", None),
        ("2/3", Fraction(2, 3)),
        ("0.6", Fraction(3, 5)),
        ("1", Fraction(1)),
        ("3/3", Fraction(1)),
        ("0.000000001", Fraction(1, 10**9)),
        ("000000001/999999999", Fraction(1, 999999999)),
    ],
)
def test_share_is_read_exactly(text: str, share: Fraction | None) -> None:
    validate_share(text)

    assert share_in(text) == share


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "0/3",
        "1/0",
        "1/",
        "/3",
        "4/3",
        "1.1",
        "-1/2",
        "1/-2",
        "50%",
        "1e-1",
        ".5",
        "1 /2",
        "½",
        "\u0661/\u0662",
        "1/2\n",
        "nan",
    ],
)
def test_text_that_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        share_in(text)
    with pytest.raises(ValidationError) as refusal:
        validate_share(text)

    assert refusal.value.messages == ["Give a share such as 2/3 or 0.6: more than 0, and 1 at most."]


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({}, []),
        ({"min_options": 0, "max_options": None}, []),
        ({"min_options": 0, "max_options": 0}, ["max_options"]),
        ({"min_options": 3, "max_options": 2}, ["max_options"]),
        ({"grades": "poor\nfair\ngood", "min_score": -1, "max_score": 1}, []),
        ({"grades": "poor\nfair", "min_score": -1, "max_score": 1}, ["grades"]),
        ({"quorum": 5, "quorum_share": "1/2"}, ["quorum_share"]),
        ({"quorum": None, "quorum_share": "1/2"}, []),
        ({"seats": 0}, ["seats"]),
        ({"points": 0, "max_points": 0}, ["points", "max_points"]),
        ({"quorum": 0}, ["quorum"]),
        ({"max_ranks": 0, "max_votes": 0}, ["max_ranks", "max_votes"]),
        ({"max_ranks": 1, "max_votes": 1, "points": 1, "max_points": 1, "quorum": 1}, []),
    ],
)
def test_faults_among_the_fields_are_named(fields: dict[str, object], at_fault: list[str]) -> None:
    assert list(Poll(title="Poll", **fields).counting_faults()) == at_fault


def test_grades_are_words_for_scores() -> None:
    graded = Poll(grades="poor\nfair\ngood", min_score=-1, max_score=1)

    assert (graded.grade_words, Poll().grade_words) == ({-1: "poor", 0: "fair", 1: "good"}, {})


def test_rules_hold_every_field_that_counting_reads() -> None:
    poll = Poll(
        min_options=2,
        max_options=3,
        count="stv",
        seats=2,
        quota="hare",
        max_ranks=4,
        equal_ranks=True,
        min_score=1,
        max_score=9,
        unscored_is_zero=False,
        points=7,
        must_spend_all=True,
        max_points=5,
        allows_abstention=True,
        allows_none_of_these=True,
        quorum_share="1/2",
        electorate_size=11,
        pass_threshold="2/3",
        final_ties="declare",
    )

    assert poll.rules_for((1, 2)) == Rules(
        (1, 2),
        2,
        3,
        count="stv",
        seats=2,
        quota=Quota.HARE,
        ranks=Ranks(4, may_tie=True),
        scores=Scores(1, 9, unscored_is_zero=False, points=7, must_spend_all=True, most_on_one=5),
        ties=Ties(bytes.fromhex(poll.tie_seed_hash), FinalTies.DECLARE, is_settled=False),
        words=frozenset(Word),
        decision=Decision(None, Fraction(1, 2), 11, Fraction(2, 3)),
    )


def test_poll_of_a_method_that_is_gone_has_no_strategy() -> None:
    with pytest.raises(MethodUnavailable) as refusal:
        _method = Poll(method="gone").voting_method

    assert refusal.value.params == {"method": "gone"}
