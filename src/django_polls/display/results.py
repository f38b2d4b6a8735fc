"""An outcome as a page shows it: bars with their figures, rounds, comparisons and what was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from django_polls.display.ballots import own_marks
from django_polls.display.figures import figure, percent, share, votes_told, width
from django_polls.display.polls import ShownPoll
from django_polls.methods.explanation import explained_result, explained_rounds
from django_polls.methods.outcomes import Outcome, Result, Round
from django_polls.models import Poll, PollOption
from django_polls.models.polls import Status


@dataclass(frozen=True, slots=True)
class Bar:
    """One option: its figure and its share as text, the bar's length in SVG, and what the viewer's own ballot says."""

    text: str
    figure: str
    share: str
    width: str
    own: str
    is_winner: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """One option in a round. `fate` is `elected`, `eliminated`, or empty for one that goes on; `word` says it."""

    text: str
    figure: str
    width: str
    fate: str
    word: str


@dataclass(frozen=True, slots=True)
class Step:
    """A round of a count, with its sentence."""

    number: int
    rows: Sequence[StepRow]
    sentence: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """The votes that prefer one option to each other one: no figure on the diagonal, and whether each is a majority."""

    text: str
    cells: Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class ShownResults:
    """The outcome of a poll for one viewer, ready to be written.

    `measure` heads the figures, `base` says what shares are shares of; empty where there are no shares.
    """

    outcome: Outcome
    votes: str
    measure: str
    base: str
    bars: Sequence[Bar]
    steps: Sequence[Step]
    matrix: Sequence[MatrixRow]
    verdict: str
    verdict_result: str
    sentences: Sequence[str]
    is_final: bool


def results_shown(shown: ShownPoll) -> ShownResults | None:
    """Return what a page says of a poll's outcome, None where this viewer is shown none."""
    outcome = shown.outcome
    if outcome is None:
        return None
    options = {option.pk: option for option in shown.poll.options.all()}
    names = {pk: option.text for pk, option in options.items()}
    return ShownResults(
        outcome=outcome,
        votes=votes_told(outcome.votes),
        measure=measure_of(outcome),
        base=_base(outcome),
        bars=_bars(shown.poll, outcome, options, own_marks(shown.ballot, shown.poll)),
        steps=_steps(outcome, names),
        matrix=_matrix(outcome, names),
        verdict=_verdict(outcome),
        verdict_result=outcome.verdict.result.value if outcome.verdict else "",
        # Its rounds have their sentences beside their figures.
        sentences=explained_result(outcome, names, shown.poll.grade_words),
        is_final=shown.status == Status.CLOSED,
    )


def measure_of(outcome: Outcome) -> str:
    """Return what the figure of an option is."""
    if _is_scored(outcome):
        measures = {
            "mean": _("Mean score"),
            "median": _("Median score"),
            "majority_judgment": _("Median grade"),
            "copeland": _("Comparisons won"),
        }
        return measures.get(outcome.count, pgettext("measure", "Points"))
    return _("First preferences") if outcome.count else pgettext("measure", "Votes")


def _is_scored(outcome: Outcome) -> bool:
    """Whether options are told apart by points rather than by votes, of which each option of the others has some."""
    return bool(outcome.points) or any(option.votes is None for option in outcome.options)


def _base(outcome: Outcome) -> str:
    if _is_scored(outcome) or not Fraction(outcome.base):
        return ""
    base = {"votes": figure(outcome.base)}
    if outcome.weight is not None:
        return _("Shares are of the %(votes)s that the votes for options weigh together.") % base
    if outcome.abstentions or outcome.none_of_these:
        sentence = ngettext(
            "Shares are of the %(votes)s vote that chooses an option.",
            "Shares are of the %(votes)s votes that choose an option.",
            int(Fraction(outcome.base)),
        )
        return sentence % base
    return _("Shares are of all votes.")


def _bars(poll: Poll, outcome: Outcome, options: Mapping[int, PollOption], own: Mapping[int, str]) -> Sequence[Bar]:
    """Return the options, those with the highest figures first, of equal ones those that win."""
    figures = _figures(outcome)
    highest = max((abs(value) for value in figures.values()), default=Fraction())
    scored, grades = _is_scored(outcome), poll.grade_words
    bars = []
    for option_id in sorted(figures, key=lambda pk: (-figures[pk], pk not in outcome.winners)):
        value = figures[option_id]
        of_votes = share(_text(value), outcome.base)
        bars.append(
            Bar(
                text=options[option_id].text if option_id in options else "",
                figure=_graded(outcome, value, grades) or figure(_text(value)),
                share="" if scored or not Fraction(outcome.base) else percent(of_votes),
                width=width(value / highest if highest else Fraction()) if scored else width(of_votes),
                own=own.get(option_id, ""),
                is_winner=option_id in outcome.winners,
            )
        )
    return bars


def _figures(outcome: Outcome) -> dict[int, Fraction]:
    """Return the figure of each option, by its id, in the poll's order."""
    if outcome.points:
        found = {row.option_id: Fraction(row.points) for row in outcome.points}
        return {option.option_id: found.get(option.option_id, Fraction()) for option in outcome.options}
    return {option.option_id: Fraction(option.votes or 0) for option in outcome.options}


def _graded(outcome: Outcome, value: Fraction, grades: Mapping[int, str]) -> str:
    """Return the word for a median score, where the poll has words."""
    is_grade = outcome.count in {"median", "majority_judgment"} and value.denominator == 1
    return grades.get(int(value), "") if is_grade else ""


def _text(value: Fraction) -> int | str:
    return value.numerator if value.denominator == 1 else str(value)


def _steps(outcome: Outcome, names: Mapping[int, str]) -> Sequence[Step]:
    sentences = explained_rounds(outcome, names)
    return [
        Step(number, _step_rows(each, names), sentence)
        for number, (each, sentence) in enumerate(zip(outcome.rounds, sentences, strict=True), 1)
    ]


def _step_rows(each: Round, names: Mapping[int, str]) -> Sequence[StepRow]:
    highest = max((Fraction(row.points) for row in each.totals), default=Fraction())
    rows = []
    for row in sorted(each.totals, key=lambda row: -Fraction(row.points)):
        fate, word = _fate(row.option_id, each)
        length = width(Fraction(row.points) / highest) if highest > 0 else width(Fraction())
        rows.append(StepRow(names.get(row.option_id, ""), figure(row.points), length, fate, word))
    return rows


def _fate(option_id: int, each: Round) -> tuple[str, str]:
    if option_id in each.elected:
        return "elected", _("elected")
    if option_id in each.eliminated:
        return "eliminated", _("out")
    return "", ""


def _matrix(outcome: Outcome, names: Mapping[int, str]) -> Sequence[MatrixRow]:
    """Return the pairwise comparisons, options in the poll's order in rows and columns alike."""
    ids = [option.option_id for option in outcome.options]
    votes = outcome.pairwise
    return [
        MatrixRow(
            names.get(ids[row], ""),
            [
                ("", False) if row == column else (figure(cell), Fraction(cell) > Fraction(votes[column][row]))
                for column, cell in enumerate(cells)
            ],
        )
        for row, cells in enumerate(votes)
    ]


def _verdict(outcome: Outcome) -> str:
    """Return what was decided, in a word or two; empty where the poll asks for no quorum and no share."""
    if outcome.verdict is None:
        return ""
    words = {
        Result.PASSED: _("Passed"),
        Result.FAILED: _("Not passed"),
        Result.NO_QUORUM: _("No quorum"),
        Result.PENDING: _("Not decided yet"),
    }
    return words[outcome.verdict.result]
