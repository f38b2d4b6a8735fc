"""Score ballots for tests: their bodies, profiles of them, real ones, and what must never change an outcome."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import strategies as st

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import OptionCount, OptionPoints, Outcome, Round, Tie
from django_polls.methods.rules import Rules
from tests.methods.real_elections import members_of

Count = Callable[[Sequence[Tally], Rules], Outcome]

Paper = tuple[int | None, ...]
"""What one ballot gives the options 1, 2, 3 and so on; None where it leaves one unscored."""


def tally(votes: int, *scores: int | None) -> Tally:
    """Return so many votes that give these scores to the options 1, 2, 3 and so on."""
    marks = (f"{option_id}={score}" for option_id, score in enumerate(scores, 1) if score is not None)
    return Tally(" ".join(marks), votes)


def papers(options: int, least: int = 0, most: int = 3) -> st.SearchStrategy[list[Paper]]:
    """Profiles of up to twelve ballots, blank and half-blank ones among them."""
    score = st.none() | st.integers(least, most)
    return st.lists(st.tuples(*[score] * options), max_size=12)


def points(*figures: int | str, first: int = 1) -> tuple[OptionPoints, ...]:
    """Return the points of the options 1, 2, 3 and so on."""
    return tuple(OptionPoints(option_id, figure) for option_id, figure in enumerate(figures, first))


def unmarked(options: int) -> tuple[OptionCount, ...]:
    """Return the options 1, 2, 3 and so on, without votes."""
    return tuple(OptionCount(option_id, None) for option_id in range(1, options + 1))


def real_scores(name: str) -> tuple[list[str], list[Tally], Mapping[str, Any]]:
    """Return the candidates, the ballots and the reference of a real election; skip where there is none."""
    election = members_of(name)
    candidates = election["candidates"]
    ballots = [tally(votes, *map(scores.get, candidates)) for votes, scores in election["ballots"]]
    return candidates, ballots, election["reference"]


def check_order_and_splitting(count: Count, cast: Sequence[Paper], rules: Rules, random: Random) -> Outcome:
    """Return the outcome, once it is the same for ballots one by one in any order, and for equal ones together."""
    one_by_one = [tally(1, *paper) for paper in cast]
    grouped = [tally(cast.count(paper), *paper) for paper in set(cast)]
    outcome = count(grouped, rules)
    random.shuffle(one_by_one)

    assert count(one_by_one, rules).to_json() == outcome.to_json()
    assert Outcome.from_json(outcome.to_json()) == outcome
    return outcome


def check_renaming(count: Count, cast: Sequence[Paper], rules: Rules) -> None:
    """Name the options otherwise; the same outcome must follow, but where the seed decides."""
    names = {option_id: 1000 - 7 * option_id for option_id in rules.option_ids}
    outcome = count([tally(1, *paper) for paper in cast], rules)
    if any(tie.broken_by == "seed" for tie in outcome.ties):
        return
    bodies = (
        " ".join(f"{names[number]}={score}" for number, score in reversed([*enumerate(paper, 1)]) if score is not None)
        for paper in cast
    )

    other = count([Tally(body, 1) for body in bodies], replace(rules, option_ids=tuple(names.values())))

    assert other == renamed(outcome, names)


def renamed(outcome: Outcome, names: Mapping[int, int]) -> Outcome:
    """Return the outcome with other names for its options."""
    return replace(
        outcome,
        options=tuple(OptionCount(names[option.option_id], option.votes) for option in outcome.options),
        winners=_named(outcome.winners, names),
        ranking=tuple(_named(group, names) for group in outcome.ranking),
        points=_renamed_points(outcome.points, names),
        rounds=tuple(_renamed_round(each, names) for each in outcome.rounds),
        ties=tuple(
            Tie(_named(tie.options, names), tie.broken_by, _named(tie.chosen, names), tie.round) for tie in outcome.ties
        ),
    )


def _renamed_round(each: Round, names: Mapping[int, int]) -> Round:
    return replace(each, totals=_renamed_points(each.totals, names), elected=_named(each.elected, names))


def _renamed_points(figures: Sequence[OptionPoints], names: Mapping[int, int]) -> tuple[OptionPoints, ...]:
    return tuple(OptionPoints(names[figure.option_id], figure.points) for figure in figures)


def _named(option_ids: Sequence[int], names: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(names[option_id] for option_id in option_ids)
