"""The preview picture of a poll: where its words and bars stand, for whatever draws them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal, TypeVar

from django_polls.display.polls import ShownPoll
from django_polls.display.results import Bar, ShownResults, results_shown

# What sites that show links ask for: 1.91 to 1.
WIDTH, HEIGHT = 1200, 630
MOST_OPTIONS = 5
LEFT, RIGHT = 96, 1104
SPAN = RIGHT - LEFT

BACK, CARD, LINE, EDGE = "#e4eeea", "#ffffff", "#d3ddd8", "#7b8b84"
TEXT, QUIET, ACCENT = "#16201c", "#51605a", "#0b6e4f"

SMALL, MEDIUM, LARGE, LARGEST = 26, 28, 48, 60
TITLE_LINES = 2
# How much wider bold letters are.
BOLDER = 1.18
BAR_HEIGHT = 14
# How far figures keep from what stands before them.
GAP = 24
BOTTOM = 560

T = TypeVar("T")
Side = Literal["left", "right"]

# What no XML can hold, and what would turn the text around it.
UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")
NARROW, WIDE = frozenset("iljtfrI.,:;'|!()[] "), frozenset("mwMWQOGD@%&")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with round corners."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    fill: str
    line: str = "none"


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text on a baseline, with its beginning or its end at `x`."""

    text: str
    x: float
    y: float
    size: int
    fill: str
    side: Side
    is_bold: bool = False

    @property
    def direction(self) -> str:
        """In which direction the text is read, as CSS has it."""
        return "rtl" if is_right_to_left(self.text) else "ltr"

    @property
    def anchor(self) -> str:
        """Which end of the text stands at `x`, as SVG has it: `start` is where reading begins."""
        return "start" if (self.side == "right") == is_right_to_left(self.text) else "end"


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture: boxes, and words on them."""

    title: str
    boxes: Sequence[Box]
    words: Sequence[Words]
    width: int = WIDTH
    height: int = HEIGHT


def preview_of(shown: ShownPoll) -> Preview:
    """Return the picture of a poll: with bars where its results are shown, else with its options and no figure."""
    title = cleaned(shown.poll.title)
    layout = _Layout(is_mirrored=is_right_to_left(title))
    results = results_shown(shown)
    layout.frame(_facts(shown, results))
    layout.title(title)
    if results is None:
        layout.options([option.text for option in shown.options])
    else:
        layout.bars(results.bars)
    return Preview(title, tuple(layout.boxes), tuple(layout.words))


def _facts(shown: ShownPoll, results: ShownResults | None) -> str:
    status = str(shown.status.label)
    return status if results is None else f"{status} · {results.votes}"


class _Layout:
    """The picture while it is laid out, from its top to its bottom; mirrored where the title is read from the right.

    Each `x` is a distance from the side where reading begins.
    """

    def __init__(self, *, is_mirrored: bool) -> None:
        self.start: Side = "right" if is_mirrored else "left"
        self.end: Side = "left" if is_mirrored else "right"
        self.boxes: list[Box] = []
        self.words: list[Words] = []
        self.y = 0.0

    def frame(self, facts: str) -> None:
        self.boxes += [Box(0, 0, WIDTH, HEIGHT, 0, BACK), Box(40, 40, WIDTH - 80, HEIGHT - 80, 24, CARD, LINE)]
        self.box(Box(0, 90, 16, 16, 8, ACCENT))
        self.write(Words(facts, 28, 107, SMALL, QUIET, self.start))
        self.y = 118

    def title(self, title: str) -> None:
        size = LARGEST if text_width(title, LARGEST) <= SPAN / BOLDER else LARGE
        for line in wrapped(title, size, SPAN / BOLDER, TITLE_LINES):
            self.y += size + 10
            self.write(Words(line, 0, self.y, size, TEXT, self.start, is_bold=True))
        self.y += 36

    def options(self, texts: Sequence[str]) -> None:
        for text, y, pitch in self.rows(texts):
            height = pitch - 12
            middle = y + height / 2
            self.box(Box(0, y, SPAN, height, 10, CARD, LINE))
            self.box(Box(20, middle - 11, 22, 22, 11, CARD, EDGE))
            self.write(Words(fitted(text, MEDIUM, SPAN - 90), 60, middle + 10, MEDIUM, TEXT, self.start))

    def bars(self, bars: Sequence[Bar]) -> None:
        for bar, y, pitch in self.rows(bars):
            baseline = y + max((pitch - BAR_HEIGHT - 10 - MEDIUM) / 2, 0) + 22
            figure = bar.share or bar.figure
            text = fitted(bar.text, MEDIUM, (SPAN - text_width(figure, MEDIUM) - GAP) / BOLDER)
            self.write(Words(text, 0, baseline, MEDIUM, TEXT, self.start, is_bold=bar.is_winner))
            self.write(Words(figure, SPAN, baseline, MEDIUM, QUIET, self.end))
            track = Box(0, baseline + 10, SPAN, BAR_HEIGHT, BAR_HEIGHT / 2, LINE)
            self.box(track)
            if length := SPAN * float(bar.width.rstrip("%")) / 100:
                self.box(replace(track, width=max(length, BAR_HEIGHT), fill=ACCENT if bar.is_winner else EDGE))

    def rows(self, found: Sequence[T]) -> Iterator[tuple[T, float, float]]:
        """Yield the first of what was found, each with its top and the distance to the next; say if there are more."""
        shown = found[:MOST_OPTIONS]
        pitch = min((BOTTOM - self.y) / max(len(shown), 1), 100)
        for number, each in enumerate(shown):
            yield each, self.y + number * pitch, pitch
        if len(found) > len(shown):
            self.write(Words("…", 0, BOTTOM + 14, MEDIUM, QUIET, self.start))

    def box(self, box: Box) -> None:
        x = LEFT + box.x if self.start == "left" else RIGHT - box.x - box.width
        self.boxes.append(replace(box, x=round(x, 1), y=round(box.y, 1), width=round(box.width, 1)))

    def write(self, words: Words) -> None:
        x = LEFT + words.x if self.start == "left" else RIGHT - words.x
        self.words.append(replace(words, x=round(x, 1), y=round(words.y, 1)))


def cleaned(text: str) -> str:
    """Return a text on one line, without what a picture cannot hold."""
    return " ".join(UNFIT.sub("", text).split())


def is_right_to_left(text: str) -> bool:
    """Whether a text is read from the right: whether its first letter is (rules P2 and P3 of UAX 9)."""
    strong = (kind for kind in map(unicodedata.bidirectional, text) if kind in {"L", "R", "AL"})
    return next(strong, "L") != "L"


def is_latin(text: str) -> bool:
    """Whether a text is written in Latin letters, which any font has."""
    return all(character <= "\u024f" or "\u2010" <= character <= "\u2044" for character in text)


def text_width(text: str, size: int) -> float:
    """Return about how wide a text is, whatever the font: rather more than less."""
    return sum(map(_character_width, text)) * size


def _character_width(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Cf"}:
        return 0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 1.05
    if character in NARROW:
        return 0.34
    return 0.92 if character in WIDE else 0.7 if character.isupper() else 0.58


def fitted(text: str, size: int, width: float) -> str:
    """Return a text on one line that fits in this width, cut short if it must be."""
    whole = cleaned(text)
    if text_width(whole, size) <= width:
        return whole
    kept = _beginning(whole, size, width - size)
    return f"{kept.rstrip()}…"


def _beginning(text: str, size: int, width: float) -> str:
    """Return as much of a text as fits in this width, never half of a letter and its marks."""
    ends = accumulate(map(_character_width, text))
    return text[: next((end for end, reached in enumerate(ends) if reached * size > width), len(text))]


def wrapped(text: str, size: int, width: float, lines: int) -> list[str]:
    """Return a text on so many lines at most, the last one cut short if it must be."""
    if lines == 1 or text_width(text, size) <= width:
        return [fitted(text, size, width)]
    beginning = _beginning(text, size, width)
    at_a_space = beginning if text[len(beginning) :][:1].isspace() else beginning.rpartition(" ")[0] or beginning
    return [at_a_space.rstrip(), *wrapped(text[len(at_a_space) :].lstrip(), size, width, lines - 1)]
