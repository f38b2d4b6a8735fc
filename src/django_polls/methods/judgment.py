"""Majority judgment: the option with the best majority-grade wins, and equal ones are told apart by their next grades.

Source: M. Balinski and R. Laraki, "A theory of measuring, electing, and ranking" (2007), and "Majority Judgment:
Measuring, Ranking, and Electing" (2011). Scores are the grades, of which only the order matters.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from math import lcm

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import Outcome, Tie
from django_polls.methods.rules import Rules
from django_polls.methods.scores import (
    Histogram,
    ScoreCount,
    count_scores,
    figures_of,
    median_of,
    points_of,
    ranking_by,
    unmarked,
)
from django_polls.methods.ties import first_place

Run = tuple[int, int, bool, int]
"""Equal pairs around the middle: the lower grade, the upper one, whether the upper ends them, how good their end is."""

Value = tuple[Run, ...]
"""The majority-value: the runs of an option's grades from the middle outwards. The greater is the better."""


def majority_judgment(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Return the outcome of majority judgment; `points` are the majority-grades, as scores.

    The majority-grade is the lower middlemost grade. Options with the same one lose one of that grade each until their
    majority-grades differ; those that never do are equal. Of an unscored option see `score_sum`; where that leaves
    options with unlike numbers of grades, their shares are compared, as if each grade had been given as many times
    over as makes the numbers alike. Linear in the marks of the distinct ballots, however many votes they have.
    """
    counted = count_scores(tallies, rules)
    grades = figures_of(median_of, counted)
    ranking = ranking_by(majority_values(counted), rules)
    winners, ties = first_place(ranking[0], rules) if counted.has_scores else ((), ())
    return Outcome(
        method="score",
        version=1,
        tie_rule=rules.ties.final,
        votes=counted.votes,
        options=unmarked(rules),
        winners=winners,
        count="majority_judgment",
        ranking=ranking,
        points=points_of(grades, rules),
        ties=(*_told_apart(grades, ranking, rules), *ties) if counted.has_scores else (),
    )


def _told_apart(grades: dict[int, int], ranking: tuple[tuple[int, ...], ...], rules: Rules) -> Iterator[Tie]:
    """Yield the tie of those with the best majority-grade, if their further grades broke it."""
    best = ranking_by(grades, rules)[0]
    if best != ranking[0]:
        yield Tie(best, "grades", ranking[0])


def majority_values(counted: ScoreCount) -> dict[int, Value]:
    """Return what orders the options: the majority-value of each that has grades."""
    numbers = {option_id: sum(grades.values()) for option_id, grades in counted.histograms.items() if grades}
    half = lcm(*numbers.values())
    return {
        option_id: tuple(_runs(counted.histograms[option_id], half, 2 * half // number))
        for option_id, number in numbers.items()
    }


def _runs(grades: Histogram, half: int, times: int) -> Iterator[Run]:
    """Yield the runs of an option's grades, each given so many `times` over, which are twice `half` then.

    Taking one majority-grade off at a time from an even number of grades walks from the middle outwards by turns: the
    first one below, the first one above, the second one below. (Giving every grade twice makes any number even and
    changes no comparison.) So options compare by the pairs at the same distance from the middle, of which the lower
    comes first; a run is as many equal pairs. Of two options with the same pair, it is better to fall below it later,
    better still never to, and best to rise above it sooner: the majority-gauge, carried on to the last grade.
    """
    marks = [0, *accumulate(votes * times for votes in grades.values())]
    below = [(half - start, grade) for grade, start in zip(grades, marks, strict=False) if start < half]
    above = [(end - half, grade) for grade, end in zip(grades, marks[1:], strict=True) if end > half]
    low, high = len(below) - 1, 0
    while low >= 0:
        falls, rises = below[low][0], above[high][0]
        yield below[low][1], above[high][1], rises < falls, -rises if rises < falls else falls
        low -= falls <= rises
        high += rises <= falls
