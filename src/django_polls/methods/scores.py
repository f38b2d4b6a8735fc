"""Score voting: ballots that give options whole scores, counted by their sum, mean, median, STAR or majority judgment.

Source of the sum and the mean: W. D. Smith, "Range Voting" (2000). The median is the lower of the two middle scores
where their number is even, the "lower middlemost" of M. Balinski and R. Laraki, "A theory of measuring, electing, and
ranking" (2007): the highest score that more than half, or exactly half, give at least. It is always a score given.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, groupby
from typing import TypeVar

from django_polls.exceptions import DuplicateOption, InvalidBallot, ScoreOutOfRange, TooFewOptions, UnknownOption
from django_polls.methods.ballots import Ballot, Tally
from django_polls.methods.base import Support
from django_polls.methods.outcomes import OptionCount, OptionPoints, Outcome, exact
from django_polls.methods.rules import Rules
from django_polls.methods.ties import first_place

T = TypeVar("T")

Histogram = Mapping[int, int]
"""The votes by score of one option, the lowest score first; empty where nobody scored it."""

Key = Fraction | int | tuple[object, ...]
"""What orders the options, the greater the better: a figure, or the runs that majority judgment compares."""


@dataclass(frozen=True, slots=True)
class ScoreCount:
    """What all ballots together say: the votes, the votes by score of each option, and whether any has a score."""

    votes: int
    histograms: Mapping[int, Histogram]
    has_scores: bool


def check_scores(ballot: Ballot, rules: Rules) -> None:
    """Raise the child of `InvalidBallot` that says which rule a score ballot breaks.

    Scores are whole numbers in `least..most`, at least `min_options` of them.
    """
    scores = check_marks(ballot, rules)
    if len(scores) < rules.min_options:
        raise TooFewOptions(min_options=rules.min_options, max_options=len(rules.option_ids))
    limits = rules.scores
    if not all(limits.least <= score <= limits.most for score in scores):
        raise ScoreOutOfRange(min_score=limits.least, max_score=limits.most)


def check_marks(ballot: Ballot, rules: Rules) -> list[Decimal]:
    """Return the scores of a ballot; raise unless they are whole and each of another option of the poll."""
    scores = [mark.score for mark in ballot.marks if mark.rank is None and mark.score is not None]
    if len(scores) < len(ballot.marks) or not all(map(_is_whole, scores)):
        raise InvalidBallot
    marked = {mark.option_id for mark in ballot.marks}
    if len(marked) < len(scores):
        raise DuplicateOption
    if not marked <= set(rules.option_ids):
        raise UnknownOption
    return scores


def _is_whole(score: Decimal) -> bool:
    return score.is_finite() and score == score.to_integral_value()


def count_scores(tallies: Iterable[Tally], rules: Rules) -> ScoreCount:
    """Return the votes by score. Linear in the marks: a mark is read as a number once, however many ballots have it.

    Where the unscored counts as zero, each vote that does not score an option gives it 0, or `least` where the range
    has no 0, as a wholly blank one does.
    """
    votes, given = _marks_of(tallies)
    has_scores = any(given.get(option_id) for option_id in rules.option_ids)
    if rules.scores.unscored_is_zero:
        unscored = unscored_score(rules)
        for option_id in rules.option_ids:
            given[option_id][unscored] += votes - given[option_id].total()
    histograms = {
        option_id: {score: number for score, number in sorted(given[option_id].items()) if number}
        for option_id in rules.option_ids
    }
    return ScoreCount(votes, histograms, has_scores)


def _marks_of(tallies: Iterable[Tally]) -> tuple[int, dict[int, Counter[int]]]:
    marks: dict[str, int] = defaultdict(int)
    votes = 0
    for body, number in tallies:
        votes += number
        for mark in body.split():
            marks[mark] += number
    given: dict[int, Counter[int]] = defaultdict(Counter)
    for mark, number in marks.items():
        if number:
            option_id, _equals, score = mark.partition("=")
            given[int(option_id)][int(score)] += number
    return votes, given


def unscored_score(rules: Rules) -> int:
    """Return the score that an option without one has where that counts as zero: the range may have no 0."""
    return 0 if rules.scores.least <= 0 <= rules.scores.most else rules.scores.least


def score_sum(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Return the outcome by the sum of the scores.

    Like every count of scores it is linear in the marks of the distinct ballots. An unscored option counts as zero or
    is left out, as `rules.scores.unscored_is_zero` says; where it is left out, an option that nobody scored has no
    points, is last and cannot win. All with the greatest sum win unless the seed decides.
    """
    return _by_figure("sum", total_of, count_scores(tallies, rules), rules)


def score_mean(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Return the outcome by the exact mean of the scores that an option has; else as `score_sum`."""
    return _by_figure("mean", mean_of, count_scores(tallies, rules), rules)


def score_median(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Return the outcome by the median, of an even number the lower of the two middle scores; else as `score_sum`.

    Equal medians are a tie; majority judgment is the rule that goes on from there.
    """
    return _by_figure("median", median_of, count_scores(tallies, rules), rules)


def total_of(histogram: Histogram) -> int:
    """Return the sum of the scores."""
    return sum(score * votes for score, votes in histogram.items())


def mean_of(histogram: Histogram) -> Fraction:
    """Return the mean of the scores, of which there is at least one."""
    return Fraction(total_of(histogram), sum(histogram.values()))


def median_of(histogram: Histogram) -> int:
    """Return the lower middlemost of the scores, of which there is at least one."""
    middle = (sum(histogram.values()) + 1) // 2
    reached = accumulate(histogram.values())
    return next(score for score, votes in zip(histogram, reached, strict=True) if votes >= middle)


def _by_figure(
    count: str, figure_of: Callable[[Histogram], Fraction | int], counted: ScoreCount, rules: Rules
) -> Outcome:
    figures = figures_of(figure_of, counted)
    ranking = ranking_by(figures, rules)
    winners, ties = first_place(ranking[0], rules) if counted.has_scores else ((), ())
    return Outcome(
        method="score",
        version=1,
        tie_rule=rules.ties.final,
        votes=counted.votes,
        options=unmarked(rules),
        winners=winners,
        count=count,
        ranking=ranking,
        points=points_of(figures, rules),
        ties=ties,
    )


def figures_of(figure_of: Callable[[Histogram], T], counted: ScoreCount) -> dict[int, T]:
    """Return the figure of each option that has scores."""
    return {option_id: figure_of(scores) for option_id, scores in counted.histograms.items() if scores}


def unmarked(rules: Rules) -> tuple[OptionCount, ...]:
    """Return the options without votes, as they are where ballots score them."""
    return tuple(OptionCount(option_id, None) for option_id in rules.option_ids)


def points_of(figures: Mapping[int, Fraction | int], rules: Rules) -> tuple[OptionPoints, ...]:
    """Return the figures as exact points, in the order shown; an option without a figure is not among them."""
    return tuple(OptionPoints(option, exact(figures[option])) for option in rules.option_ids if option in figures)


def ranking_by(keys: Mapping[int, Key], rules: Rules) -> tuple[tuple[int, ...], ...]:
    """Return all options in groups of equal keys, the greatest first, then those without; each in the order shown."""
    with_key = sorted((option for option in rules.option_ids if option in keys), key=keys.__getitem__, reverse=True)
    without_key = tuple(option for option in rules.option_ids if option not in keys)
    groups = tuple(tuple(group) for _key, group in groupby(with_key, key=keys.__getitem__))
    return (*groups, without_key) if without_key else groups


def scored_support(outcome: Outcome, tallies: Iterable[Tally], unscored: int) -> Support:
    """Return the votes that give whoever wins more than `unscored`, of several for the one with the fewest."""
    votes = dict.fromkeys(outcome.winners, 0)
    for body, number in tallies:
        for mark in body.split():
            option_id, _equals, score = mark.partition("=")
            if int(option_id) in votes and int(score) > unscored:
                votes[int(option_id)] += number
    return Support(Fraction(min(votes.values())), Fraction(outcome.votes))
