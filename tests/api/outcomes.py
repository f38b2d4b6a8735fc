"""Small elections under every method and way of counting, with all that the API tells of their outcomes.

In ballots and facts the options are `a`, `b`, `c` and `d`, in the order shown.
"""

import re
from typing import Any, NamedTuple

from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.methods.explanation import explanation
from django_polls.models import Poll
from django_polls.results import outcome_of
from django_polls.voting import cast_vote
from tests.api.ballots import Fields, Ids, poll_with
from tests.factories import UserFactory

Piles = list[tuple[int, str]]


class Case(NamedTuple):
    """A poll, how many cast which ballots, each option's votes with its two shares, and what else its results tell."""

    poll: Fields
    piles: Piles
    options: list[tuple[int | str | None, str | None, str | None]]
    facts: Fields


# By plurality a wins, by instant run-off c, and b beats each of the others.
RANKED: Piles = [(5, "a:1 b:2 c:3"), (4, "a:3 b:2 c:1"), (2, "a:3 b:1 c:2"), (1, "b:1")]
FIRST = [(5, "0.4167", "0.4167"), (3, "0.2500", "0.2500"), (4, "0.3333", "0.3333")]
PAIRWISE = [[0, 5, 5], [7, 0, 8], [6, 4, 0]]
TWO_SEATS: Piles = [(5, "a:1 b:2 c:3"), (3, "a:3 b:2 c:1"), (1, "b:1")]
FIRST_OF_TWO_SEATS = [(5, "0.5556", "0.5556"), (1, "0.1111", "0.1111"), (3, "0.3333", "0.3333")]
SCORED: Piles = [(2, "a=5 b=4"), (2, "b=3 c=1"), (1, "a=0 c=5")]
NO_VOTES = [(None, None, None)] * 3


def points(**values: int | str) -> list[dict[str, Any]]:
    """Return the points of the options, as results have them."""
    return [{"option_id": name, "points": figure} for name, figure in values.items()]


def moved(source: str, target: str | None, votes: int | str) -> dict[str, Any]:
    return {"source": source, "target": target, "votes": votes}


def stage(totals: list[dict[str, Any]], **facts: object) -> dict[str, Any]:
    """Return a round with these totals."""
    nothing: dict[str, Any] = {"exhausted": 0, "quota": None, "elected": [], "eliminated": [], "transfers": []}
    return {"totals": totals, **nothing, **facts}


def ranked(count: str, **facts: object) -> Case:
    return Case(
        {"method": "ranked", "count": count},
        RANKED,
        list(FIRST),
        {"method": "ranked", "count": count, "votes": 12, "base": 12, **facts},
    )


def transferable(count: str, *rounds: dict[str, Any]) -> Case:
    facts = {"votes": 9, "base": 9, "winners": ["a", "c"], "ranking": [["a"], ["c"], ["b"]], "rounds": list(rounds)}
    fields = {"method": "ranked", "count": count}
    return Case(fields | {"seats": 2}, TWO_SEATS, list(FIRST_OF_TWO_SEATS), fields | facts)


def scored(count: str, ranking: list[list[str]], figures: list[dict[str, Any]], **facts: object) -> Case:
    told = {"votes": 5, "base": 5, "winners": ["b"], "ranking": ranking, "points": figures}
    fields = {"method": "score", "count": count}
    return Case(fields, SCORED, list(NO_VOTES), fields | told | facts)


CASES = {
    "single": Case(
        {},
        [(1, "a"), (3, "b")],
        [(1, "0.2500", "0.2500"), (3, "0.7500", "0.7500"), (0, "0.0000", "0.0000")],
        {"method": "single", "votes": 4, "base": 4, "winners": ["b"]},
    ),
    "approval": Case(
        {"method": "approval"},
        [(1, "a b"), (2, "b c"), (1, "b")],
        [(1, "0.2500", "0.1429"), (4, "1.0000", "0.5714"), (2, "0.5000", "0.2857")],
        {"method": "approval", "votes": 4, "base": 4, "winners": ["b"]},
    ),
    "irv": ranked(
        "irv",
        winners=["c"],
        ranking=[["c"], ["a"], ["b"]],
        rounds=[
            stage(points(a=5, b=3, c=4), eliminated=["b"], transfers=[moved("b", "c", 2), moved("b", None, 1)]),
            stage(points(a=5, c=6), exhausted=1, elected=["c"]),
        ],
    ),
    "borda": ranked(
        "borda", winners=["b"], ranking=[["b"], ["a", "c"]], points=points(a="10.5", b=15, c="10.5"), pairwise=PAIRWISE
    ),
    "schulze": ranked(
        "schulze",
        winners=["b"],
        ranking=[["b"], ["c"], ["a"]],
        pairwise=PAIRWISE,
        strengths=[[0, 0, 0], [7, 0, 8], [6, 0, 0]],
    ),
    "ranked_pairs": ranked(
        "ranked_pairs",
        winners=["b"],
        ranking=[["b"], ["c"], ["a"]],
        pairwise=PAIRWISE,
        majorities=[
            {"winner": "b", "loser": "c", "votes": 8, "against": 4, "is_locked": True},
            {"winner": "b", "loser": "a", "votes": 7, "against": 5, "is_locked": True},
            {"winner": "c", "loser": "a", "votes": 6, "against": 5, "is_locked": True},
        ],
    ),
    "copeland": ranked(
        "copeland", winners=["b"], ranking=[["b"], ["c"], ["a"]], points=points(a=0, b=2, c=1), pairwise=PAIRWISE
    ),
    "stv": transferable(
        "stv",
        stage(points(a=5, b=1, c=3), quota=4, elected=["a"], transfers=[moved("a", "b", 1)]),
        stage(
            points(a=4, b=2, c=3),
            quota=4,
            eliminated=["b"],
            transfers=[moved("b", "c", 1), moved("b", None, 1)],
        ),
        stage(points(a=4, c=4), exhausted=1, quota=4, elected=["c"]),
    ),
    "stv_meek": transferable(
        "stv_meek",
        stage(points(a=5, b=1, c=3), quota="3.000000001", elected=["a"]),
        stage(
            points(a="3.000000005", b="2.999999995", c=3),
            quota="3.000000001",
            eliminated=["b"],
            transfers=[moved("b", "c", "1.999999995"), moved("b", None, 1)],
        ),
        stage(points(a="3.000000005", c="4.999999995"), exhausted=1, quota="2.666666667", elected=["c"]),
    ),
    "sum": scored("sum", [["b"], ["a"], ["c"]], points(a=10, b=14, c=7)),
    "mean": scored("mean", [["b"], ["a"], ["c"]], points(a=2, b="2.8", c="1.4")),
    "median": scored("median", [["b"], ["c"], ["a"]], points(a=0, b=3, c=1)),
    "star": scored(
        "star",
        [["b"], ["a"], ["c"]],
        points(a=10, b=14, c=7),
        rounds=[
            stage(points(a=10, b=14, c=7), elected=["a", "b"]),
            stage(points(a=2, b=2), exhausted=1, elected=["b"]),
        ],
        ties=[{"options": ["a", "b"], "broken_by": "scores", "chosen": ["b"], "round": 2}],
    ),
    "majority_judgment": scored("majority_judgment", [["b"], ["c"], ["a"]], points(a=0, b=3, c=1)),
    "mean of the scored": Case(
        {"method": "score", "count": "mean", "unscored_is_zero": False},
        SCORED,
        list(NO_VOTES),
        {
            "method": "score",
            "count": "mean",
            "votes": 5,
            "base": 5,
            "winners": ["b"],
            "ranking": [["b"], ["a"], ["c"]],
            "points": points(a="10/3", b="3.5", c="7/3"),
        },
    ),
    "dots": Case(
        {"method": "dots", "points": 5},
        [(2, "a=3 b=2"), (1, "c=4")],
        list(NO_VOTES),
        {
            "method": "dots",
            "votes": 3,
            "base": 3,
            "winners": ["a"],
            "ranking": [["a"], ["b", "c"]],
            "points": points(a=6, b=4, c=4),
        },
    ),
    "proposal": Case(
        {"method": "yes_no", "options": 4, "pass_threshold": "0.6", "quorum": 4},
        [(2, "a"), (1, "b"), (1, "c")],
        [(2, "0.5000", "0.5000"), (1, "0.2500", "0.2500"), (1, "0.2500", "0.2500"), (0, "0.0000", "0.0000")],
        {
            "method": "yes_no",
            "votes": 4,
            "base": 4,
            "winners": ["a"],
            "verdict": {"result": "passed", "quorum": 4, "support": 2, "base": 3, "threshold": "0.6"},
        },
    ),
    "words": Case(
        {"allows_abstention": True, "allows_none_of_these": True, "quorum": 9, "pass_threshold": "2/3"},
        [(3, "a"), (1, "b"), (3, "abstain"), (1, "none")],
        [(3, "0.7500", "0.7500"), (1, "0.2500", "0.2500"), (0, "0.0000", "0.0000")],
        {
            "method": "single",
            "votes": 8,
            "abstentions": 3,
            "none_of_these": 1,
            "base": 4,
            "winners": ["a"],
            "verdict": {"result": "no_quorum", "quorum": 9, "support": 3, "base": 5, "threshold": "2/3"},
        },
    ),
    "no votes": Case(
        {"method": "ranked", "count": "schulze", "allows_abstention": True},
        [],
        [(0, None, None)] * 3,
        {
            "method": "ranked",
            "count": "schulze",
            "votes": 0,
            "base": 0,
            "winners": [],
            "ranking": [["a", "b", "c"]],
            "pairwise": [[0, 0, 0]] * 3,
            "strengths": [[0, 0, 0]] * 3,
        },
    ),
}


def with_ids(value: Any, ids: Ids) -> Any:  # noqa: ANN401  as JSON has it
    """Return a value with the options' ids for their letters."""
    if isinstance(value, dict):
        return {name: with_ids(member, ids) for name, member in value.items()}
    if isinstance(value, list):
        return [with_ids(member, ids) for member in value]
    return dict(zip("abcd", ids, strict=False)).get(value, value) if isinstance(value, str) else value


def ballot(body: str, ids: Ids) -> Ballot:
    """Return the ballot whose canonical text this is, but for the letters."""
    return Ballot.from_body(re.sub(r"\b[a-d]\b", lambda letter: str(ids["abcd".index(letter[0])]), body))


def poll_of(case: Case, **fields: object) -> tuple[Poll, Ids]:
    """Return a poll in which these ballots have been cast, and the ids of its options."""
    poll, ids = poll_with(**case.poll, **fields)
    for number, body in case.piles:
        for _number in range(number):
            cast_vote(poll, Voter.from_user(UserFactory()), ballot(body, ids))
    return poll, ids


def told(poll: Poll, case: Case, ids: Ids) -> dict[str, Any]:
    """Return what the results of an open poll are to tell, all of it but the sentences."""
    rows = zip(poll.options.all(), case.options, strict=True)
    options = [
        {
            "id": option.pk,
            "text": option.text,
            "position": option.position,
            "capacity": None,
            "vote_count": votes,
            "share_of_votes": share,
            "share_of_marks": share_of_marks,
        }
        for option, (votes, share, share_of_marks) in rows
    ]
    seed = {"tie_rule": "seed", "tie_seed_hash": poll.tie_seed_hash, "tie_seed": None}
    return {"poll": str(poll.pk), "is_final": False, "options": options, **seed, **with_ids(case.facts, ids)}


def sentences_of(poll: Poll) -> list[str]:
    """Return what the outcome says, in sentences."""
    names = {option.pk: option.text for option in poll.options.all()}
    return explanation(outcome_of(poll), names, poll.grade_words)
