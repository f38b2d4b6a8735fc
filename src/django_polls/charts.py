"""Where the marks of a chart stand, as attributes of SVG: shares of its width and height, so that it fits any screen.

It knows no colours: they are a style sheet's, by the number of the series. What is said comes from whoever draws it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

GAP = 0.2
"""Of the width of a place, what stays empty between two."""

MOST_LABELS = 5
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled mark: the number of its series, what it says in words, and where it stands."""

    series: int
    label: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn mark: the number of its series, what it says in words, and from where to where it goes."""

    series: int
    label: str
    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True, slots=True)
class Label:
    """What stands at a place of an axis, in one line or two, and which side of it is there.

    A small screen has no room for one that is minor.
    """

    place: str
    text: str
    note: str = ""
    anchor: str = "middle"
    is_minor: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart to draw. `legend` names the series in the order of their numbers."""

    title: str
    about: str
    levels: tuple[Label, ...]
    places: tuple[Label, ...]
    rects: tuple[Rect, ...] = ()
    lines: tuple[Line, ...] = ()
    legend: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What holds from one place of the horizontal axis to before another: a figure and its words for each series."""

    start: int
    end: int
    parts: tuple[tuple[float, str], ...]


def columns(steps: Sequence[Step], places: int, top: float) -> tuple[Rect, ...]:
    """Return each step as a column, its parts one upon the other; the height of the chart stands for `top`."""
    return tuple(rect for step in steps for rect in _column(step, places, top))


def _column(step: Step, places: int, top: float) -> Iterator[Rect]:
    gap = GAP / places
    x, width = step.start / places + gap / 2, (step.end - step.start) / places - gap
    below = 0.0
    for series, (figure, label) in enumerate(step.parts):
        below += figure / top
        if figure:
            yield Rect(series, label, percent(x), percent(1 - below), percent(width), percent(figure / top))


def lines(steps: Sequence[Step], places: int, top: float) -> tuple[Line, ...]:
    """Return each series as a line that goes level through a step, and straight up or down to the next one."""
    level = [line for step in steps for line in _level(step, places, top)]
    rises = [line for before, after in pairwise(steps) for line in _rises(before, after, places, top)]
    return (*level, *rises)


def _level(step: Step, places: int, top: float) -> Iterator[Line]:
    for series, (figure, label) in enumerate(step.parts):
        y = percent(1 - figure / top)
        yield Line(series, label, percent(step.start / places), y, percent(step.end / places), y)


def _rises(before: Step, after: Step, places: int, top: float) -> Iterator[Line]:
    x = percent(after.start / places)
    for series, ((former, _label), (figure, label)) in enumerate(zip(before.parts, after.parts, strict=True)):
        if former != figure:
            yield Line(series, label, x, percent(1 - former / top), x, percent(1 - figure / top))


def bar(part: float, whole: float) -> str:
    """Return the width of a bar that stands for a part, where the full width stands for the whole."""
    return percent(part / whole if whole else 0)


def top_for(most: float) -> int:
    """Return the round number at which a scale ends that has this figure on it: 1, 2 or 5 times a power of ten."""
    size = 1
    while size * 10 < most:
        size *= 10
    return next(step * size for step in (*STEPS, 10) if step * size >= most)


def figures_up_to(top: int) -> tuple[int, ...]:
    """Return the few whole numbers that a scale names, from 0 to its end."""
    parts = next(parts for parts in (4, 5, 2, 1) if top % parts == 0)
    return tuple(top * part // parts for part in range(parts + 1))


def levels(texts: Sequence[str]) -> tuple[Label, ...]:
    """Return the labels of the vertical axis, evenly from the bottom up."""
    last = len(texts) - 1
    return tuple(Label(percent(1 - number / last), text, anchor="end") for number, text in enumerate(texts))


def places(texts: Sequence[tuple[str, str]]) -> tuple[Label, ...]:
    """Return labels, a text and a note, for a few places of the horizontal axis, the first and the last among them."""
    last = len(texts) - 1
    wanted = min(MOST_LABELS - 1, last)
    chosen = [round(number * last / max(wanted, 1)) for number in range(wanted + 1)]
    return tuple(_place(place, texts) for place in chosen)


def _place(place: int, texts: Sequence[tuple[str, str]]) -> Label:
    last = len(texts) - 1
    if 0 < place < last:
        return Label(percent((place + 0.5) / len(texts)), *texts[place], is_minor=True)
    if last == 0:
        return Label("50%", *texts[0])
    return Label("100%", *texts[last], "end") if place else Label("0%", *texts[0], "start")


def percent(share: float) -> str:
    """Return a share from 0 to 1 as SVG reads it, in every language alike."""
    return f"{100 * share:.3f}".rstrip("0").rstrip(".") + "%"
