"""What fits into a picture, and where its words begin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls.display.previews import cleaned, fitted, is_latin, is_right_to_left, text_width, wrapped

pytestmark = pytest.mark.pure

TEXTS = st.text(max_size=300).map(cleaned)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lunch", False),
        ("", False),
        ("123", False),
        ("איפה", True),
        ("أين", True),
        ("12: איפה", True),
        ("A איפה", False),
    ],
)
def test_text_is_read_from_the_side_of_its_first_letter(text: str, expected: bool) -> None:
    assert is_right_to_left(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Café – “naïve” …", True), ("Łódź", True), ("Кафе", False), ("金", False), ("😀", False)],  # noqa: RUF001
)
def test_text_is_latin(text: str, expected: bool) -> None:
    assert is_latin(text) is expected


@given(TEXTS)
def test_fitted_text_fits_and_begins_as_it_was(text: str) -> None:
    cut = fitted(text, 20, 200)

    assert text_width(cut, 20) <= 200 or cut == "…"
    assert cut == text or text.startswith(cut.removesuffix("…"))


@given(TEXTS)
def test_wrapped_text_says_all_or_that_it_is_cut(text: str) -> None:
    lines = wrapped(text, 20, 200, 3)

    whole = "".join("".join(lines).split())
    assert 1 <= len(lines) <= 3
    assert all(text_width(line, 20) <= 200 or line == "…" for line in lines)
    assert whole == "".join(text.split()) or whole.endswith("…")


def test_text_is_wrapped_at_a_space() -> None:
    assert wrapped("Where do we have lunch on Friday?", 20, 200, 3) == ["Where do we have", "lunch on Friday?"]


def test_word_that_is_too_long_is_broken() -> None:
    assert [len(line) for line in wrapped("x" * 60, 20, 200, 2)] == [17, 16]


def test_letter_keeps_its_marks() -> None:
    accented = "e\u0301" * 40

    assert set(fitted(accented, 20, 200).removesuffix("…").split("e")[1:]) == {"\u0301"}
