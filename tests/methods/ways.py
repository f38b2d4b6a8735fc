"""Every method in every way of counting, with ballots for each, and what weights do to the figures of an outcome."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from django_polls.methods.approval import Approval, SingleChoice
from django_polls.methods.ballots import WORDS, Ballot, CountedBallot
from django_polls.methods.base import VotingMethod
from django_polls.methods.consent import YesNo
from django_polls.methods.counting import count_ballots
from django_polls.methods.dots import Dots
from django_polls.methods.outcomes import Outcome, exact
from django_polls.methods.ranked import Ranked
from django_polls.methods.rankings import ballot_of
from django_polls.methods.rules import Decision, FinalTies, Ranks, Rules, Scores, Ties
from django_polls.methods.scored import Score
from tests.methods.profiles import rankings
from tests.methods.score_ballots import tally

OPTIONS = (1, 2, 3, 4)
TWO_THIRDS = Decision(pass_threshold=Fraction(2, 3))

BODIES: Mapping[str, st.SearchStrategy[str]] = {
    "single": st.sampled_from(OPTIONS).map(str),
    "yes_no": st.sampled_from(OPTIONS).map(str),
    "approval": st.sets(st.sampled_from(OPTIONS)).map(lambda marked: Ballot.of(*marked).body),
    "ranked": rankings(4).map(lambda ranking: ballot_of(ranking).body),
    "score": st.tuples(*[st.none() | st.integers(-1, 3)] * 4).map(lambda scores: tally(1, *scores).body),
    "dots": st.tuples(*[st.none() | st.integers(0, 3)] * 4).map(lambda dots: tally(1, *dots).body),
}

# What an outcome has in votes. Its own `votes` are a number of voters, and `points` of some counts are no votes.
IN_VOTES = {"votes", "points", "exhausted", "quota", "against", "pairwise", "strengths", "support", "base"}


@dataclass(frozen=True, slots=True)
class Way:
    """A method and one of its ways of counting."""

    method: VotingMethod
    count: str = ""

    def __str__(self) -> str:
        return self.count or self.method.key

    @property
    def transfers(self) -> bool:
        return self.count in {"stv", "stv_meek"}

    def rules(self, final: FinalTies = FinalTies.SEED, *, unscored_is_zero: bool = True) -> Rules:
        """Return rules that take the bodies, and ask for two thirds of the votes."""
        return Rules(
            OPTIONS,
            min_options=0,
            count=self.count,
            seats=2 if self.transfers else 1,
            ranks=Ranks(may_tie=True),
            scores=Scores(least=-1, most=3, unscored_is_zero=unscored_is_zero),
            ties=Ties(b"seed", final),
            decision=TWO_THIRDS,
        )

    def counted(self, ballots: Iterable[CountedBallot], rules: Rules, *finer: Decimal) -> Outcome:
        """Return the outcome of these ballots, in the measure of their weights, or of finer ones too."""
        cast = list(ballots)
        weights = {ballot.weight for ballot in cast if ballot.weight is not None}
        return count_ballots(self.method, cast, rules, weights.union(finer))


WAYS = [
    *(Way(method) for method in (SingleChoice(), Approval(), YesNo(), Dots())),
    *(Way(method, count) for method in (Ranked(), Score()) for count in method.counts),
]


def marked(way: Way, weights: st.SearchStrategy[Decimal | None]) -> st.SearchStrategy[list[CountedBallot]]:
    """Draw ballots of a way of counting that mark options."""
    return st.lists(st.builds(CountedBallot, BODIES[way.method.key], st.integers(1, 5), weights), max_size=8)


def worded(weights: st.SearchStrategy[Decimal | None]) -> st.SearchStrategy[list[CountedBallot]]:
    """Draw ballots that say a word."""
    words = st.sampled_from(sorted(WORDS)).map(str)
    return st.lists(st.builds(CountedBallot, words, st.integers(1, 5), weights), max_size=4)


def divided(outcome: Outcome, parts: int, way: Way) -> Outcome:
    """Return the outcome with every figure in votes so many times smaller, and all others as they are."""
    facts = json.loads(outcome.to_json())
    kept = {"votes"} | ({"points"} if way.count in {"copeland", "mean", "median", "majority_judgment"} else set())
    figures = {name: value if name in kept else _divided(value, parts, name) for name, value in facts.items()}
    return Outcome.from_json(json.dumps(figures))


def _divided(value: Any, parts: int, name: str) -> Any:  # noqa: ANN401  as JSON has it
    match value:
        case dict():
            return {key: _divided(each, parts, key) for key, each in value.items()}
        case list():
            return [_divided(each, parts, name) for each in value]
        case int() | str() if name in IN_VOTES:
            return exact(Fraction(value) / parts)
        case _:
            return value
