"""STAR against starvote."""

from typing import Any

import pytest

from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import FinalTies, Rules, Ties
from django_polls.methods.star import star
from django_polls.methods.ties import seed_order
from tests.oracles.comparing import compare
from tests.oracles.elections import Election, scored

starvote: Any = pytest.importorskip("starvote", reason="starvote is not installed; the group `oracles` has it")

SEED = b"oracle"

RunOff = dict[str, int]
"""The votes that prefer each finalist, and those that prefer neither, by what theirs calls them."""


def test_winners_are_the_same_where_no_three_tie_for_the_run_off() -> None:
    # Of three who tie for the run-off, theirs takes those whom most votes prefer to the others, ours those who lose the
    # fewest match-ups, as the official protocol has it since. All other ties are broken alike, the last by our seed.
    compare(
        scored(papers=4), lambda election: our_winner(our_outcome(election)), lambda election: tabulate(election)[0]
    )


def test_run_offs_are_the_same_where_no_three_tie_for_them() -> None:
    compare(
        scored(papers=4), lambda election: our_run_off(our_outcome(election)), lambda election: tabulate(election)[1]
    )


def our_outcome(election: Election) -> Outcome | None:
    outcome = star(election.scores, Rules(election.option_ids, ties=Ties(SEED, FinalTies.SEED)))
    return None if any(tie.round == 1 and len(tie.options) > 2 for tie in outcome.ties) else outcome


def our_winner(outcome: Outcome | None) -> list[str] | None:
    return None if outcome is None else list(map(str, outcome.winners))


def our_run_off(outcome: Outcome | None) -> RunOff | None:
    if outcome is None:
        return None
    run_off = outcome.rounds[1]
    return {str(row.option_id): int(row.points) for row in run_off.totals} | {"No Preference": int(run_off.exhausted)}


def tabulate(election: Election) -> tuple[list[str], RunOff]:
    """Return their winner, and the run-off as they print it."""
    printed: list[str] = []
    order = list(map(str, seed_order(election.option_ids, SEED)))
    unscored = dict.fromkeys(order, 0)
    winners = starvote.star_voting(
        [unscored | {str(option_id): score for option_id, score in scores.items()} for scores in election.dicts],
        tiebreaker=starvote.predefined_permutation_tiebreaker(order),
        verbosity=1,
        print=lambda *texts, **_options: printed.extend(texts),
    )
    start = printed.index("[STAR Voting: Automatic Runoff Round]")
    rows = [text.split(" -- ") for text in printed[start:] if " -- " in text][:3]
    return winners, {row[0].strip(): int(row[1]) for row in rows}
