"""STAR, "score then automatic run-off": of the two options with the greatest sums, the one that more ballots prefer.

Source: the Equal Vote Coalition, "STAR Voting" (2014 on), with its "Official Tiebreaker Protocol"
(starvoting.org/ties, as of 2023 to 2025); where that draws lots, the order of the seed decides.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import OptionPoints, Outcome, Round, Tie
from django_polls.methods.rules import Rules
from django_polls.methods.scores import (
    ScoreCount,
    count_scores,
    figures_of,
    points_of,
    ranking_by,
    total_of,
    unmarked,
    unscored_score,
)
from django_polls.methods.ties import first_place, seed_order

FINALISTS = 2

Options = tuple[int, ...]

Preferences = Mapping[tuple[int, int], int]
"""The votes that score the first option of a pair higher than the second."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The ballots, and what they come to: the sum of each option, and its votes of the best score there is."""

    ballots: Sequence[Tally]
    rules: Rules
    counted: ScoreCount
    sums: Mapping[int, int]
    top_scores: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Final:
    """What the rounds came to: the finalists, those of them whom the ballots put first, who of these won, and how."""

    finalists: Options = ()
    best: Options = ()
    winners: Options = ()
    rounds: tuple[Round, ...] = ()
    ties: tuple[Tie, ...] = ()


def star(tallies: Iterable[Tally], rules: Rules) -> Outcome:
    """Return the outcome of STAR. `points` are the sums; `ranking` is who wins, the other finalist, the rest by sums.

    The first round has the sums and elects the finalists; the second has the votes that score one finalist higher, and
    as exhausted those without a preference. An unscored option counts as zero, as STAR has it, or is left out: then it
    adds nothing to the sum, a ballot that scores but one of two options prefers neither, and an option that nobody
    scored is no finalist. Linear in the distinct ballots, which are kept for the second round; options that tie for a
    place in it are compared in pairs.
    """
    ballots = list(tallies)
    counted = count_scores(ballots, rules)
    top_scores = figures_of(lambda scores: scores.get(rules.scores.most, 0), counted)
    sheet = Sheet(ballots, rules, counted, figures_of(total_of, counted), top_scores)
    return _outcome(sheet, _final(sheet) if counted.has_scores else Final())


def _outcome(sheet: Sheet, final: Final) -> Outcome:
    best, finalists = final.best, final.finalists
    standing = {option: ((option in best) + (option in finalists), total) for option, total in sheet.sums.items()}
    return Outcome(
        method="score",
        version=1,
        tie_rule=sheet.rules.ties.final,
        votes=sheet.counted.votes,
        options=unmarked(sheet.rules),
        winners=final.winners,
        count="star",
        ranking=ranking_by(standing, sheet.rules),
        points=points_of(sheet.sums, sheet.rules),
        rounds=final.rounds,
        ties=final.ties,
    )


def _final(sheet: Sheet) -> Final:
    finalists, ties = _finalists(sheet)
    first = Round(points_of(sheet.sums, sheet.rules), elected=finalists)
    if len(finalists) < FINALISTS:
        return Final(finalists, finalists, finalists, (first,), ties)
    preferred = _preferences(sheet, finalists)
    votes = {option: preferred[option, other] for option, other in permutations(finalists)}
    best, broken = _run_off(sheet, votes)
    winners, settled = first_place(best, sheet.rules, round_number=2)
    totals = tuple(OptionPoints(option, votes[option]) for option in finalists)
    second = Round(totals, exhausted=sheet.counted.votes - sum(votes.values()), elected=winners)
    return Final(finalists, best, winners, (first, second), (*ties, *broken, *settled))


def _run_off(sheet: Sheet, votes: Mapping[int, int]) -> tuple[Options, tuple[Tie, ...]]:
    """Return who is first of the finalists: by the votes, else by the sum, else by the best scores, else both."""
    finalists = tuple(votes)
    steps = {"run_off": votes, "scores": sheet.sums, "top_scores": sheet.top_scores}
    for step, figures in steps.items():
        best = _greatest(finalists, figures)
        if len(best) == 1:
            return best, () if step == "run_off" else (Tie(finalists, step, best, 2),)
    return finalists, ()


def _finalists(sheet: Sheet) -> tuple[Options, tuple[Tie, ...]]:
    """Return the two options with the greatest sums, in the order shown, and the ties broken to find them."""
    chosen: Options = ()
    ties: tuple[Tie, ...] = ()
    for group in ranking_by(sheet.sums, sheet.rules):
        places = FINALISTS - len(chosen)
        if not places or group[0] not in sheet.sums:
            break
        if len(group) <= places:
            chosen += group
        else:
            chosen_here, ties = _go_on(sheet, _preferences(sheet, group), group, places)
            chosen += chosen_here
    return tuple(option for option in sheet.rules.option_ids if option in chosen), ties


def _go_on(sheet: Sheet, preferred: Preferences, tied: Options, places: int) -> tuple[Options, tuple[Tie, ...]]:
    """Return those of the tied that get the places, by as many steps of the protocol as it takes.

    Each step starts from the top with those still tied: who lost the most match-ups of pairs goes; else who has the
    most of the best score takes a place, or if they are too many, who has the fewest goes; else the seed gives a place.
    Where more would go than may, the others have their places, and those who would go are tied for what is left.
    """
    if len(tied) <= places or not places:
        return (tied if places else ()), ()
    step, favoured = _step(sheet, preferred, tied, places)
    others = tuple(option for option in tied if option not in favoured)
    if len(favoured) > places:
        chosen, ties = _go_on(sheet, preferred, favoured, places)
    else:
        more, ties = _go_on(sheet, preferred, others, places - len(favoured))
        chosen = favoured + more
    return chosen, (Tie(tied, step, favoured, 1), *ties)


def _step(sheet: Sheet, preferred: Preferences, tied: Options, places: int) -> tuple[str, Options]:
    """Return the first step of the protocol that tells some of the tied apart, and whom it favours."""
    unlost = {
        option: -sum(preferred[other, option] > preferred[option, other] for other in tied if other != option)
        for option in tied
    }
    if favoured := _not_least(tied, unlost):
        return "match_ups", favoured
    if not (favoured := _not_least(tied, sheet.top_scores)):
        return sheet.rules.ties.seeded_by, seed_order(tied, sheet.rules.ties.seed)[:1]
    most = _greatest(tied, sheet.top_scores)
    return "top_scores", most if len(most) <= places else favoured


def _greatest(options: Options, figures: Mapping[int, int]) -> Options:
    greatest = max(figures[option] for option in options)
    return tuple(option for option in options if figures[option] == greatest)


def _not_least(options: Options, figures: Mapping[int, int]) -> Options:
    least = min(figures[option] for option in options)
    return tuple(option for option in options if figures[option] > least)


def _preferences(sheet: Sheet, options: Options) -> Preferences:
    """Return the votes that prefer each of these options to each other one."""
    unscored = unscored_score(sheet.rules) if sheet.rules.scores.unscored_is_zero else None
    preferred = dict.fromkeys(permutations(options, 2), 0)
    for texts, votes in _scores_of(sheet.ballots, options).items():
        scores = [unscored if text is None else int(text) for text in texts]
        known = [(option, score) for option, score in zip(options, scores, strict=True) if score is not None]
        for (option, score), (other, other_score) in combinations(known, 2):
            if score != other_score:
                preferred[(option, other) if score > other_score else (other, option)] += votes
    return preferred


def _scores_of(ballots: Iterable[Tally], options: Options) -> Counter[tuple[str | None, ...]]:
    """Return the votes by what they give these options alone, as text: with two options, few are distinct."""
    ids = [str(option) for option in options]
    votes: Counter[tuple[str | None, ...]] = Counter()
    for body, number in ballots:
        marks = body.replace("=", " ").split()
        scores = dict(zip(marks[::2], marks[1::2], strict=True))
        votes[tuple(map(scores.get, ids))] += number
    return votes
