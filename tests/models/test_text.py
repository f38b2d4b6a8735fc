"""What people may write."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from django_polls.models.text import comparison_key, normalized, validate_plain_line, validate_plain_text

REFUSED = [
    *(chr(code) for code in range(0x20) if chr(code) not in "\t\n\r"),
    "\x7f", "\x85", "\x9f", "\u061c", "\u200b", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202e",
    "\u2060", "\u2066", "\u2069", "\ud800", "\udfff", "\ufeff",
]  # fmt: skip


@pytest.mark.parametrize("character", REFUSED)
@pytest.mark.parametrize("validate", [validate_plain_line, validate_plain_text])
def test_characters_that_hide_or_reorder_are_refused(character: str, validate: Callable[[str], None]) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate(f"a{character}b")

    assert refusal.value.message % refusal.value.params == f"The character U+{ord(character):04X} is not allowed here."


@pytest.mark.parametrize("text", ["line\nbreak", "tab\tulator", "carriage\rreturn"])
def test_line_breaks_and_tabs_are_for_longer_texts(text: str) -> None:
    validate_plain_text(text)
    with pytest.raises(ValidationError):
        validate_plain_line(text)


@pytest.mark.parametrize("text", ["Café ☕", "می‌خواهم", "👩‍👩‍👧", "日本語", "<script>", "{{ 7 * 7 }}", "100 %"])
def test_words_of_all_languages_are_welcome(text: str) -> None:
    validate_plain_line(text)
    assert normalized(f" {text}\u00a0") == text


def test_normalized_composes() -> None:
    assert normalized("Cafe\u0301") == "Café"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Café", "CAFE\u0301", True),
        ("Straße", "STRASSE", True),
        ("①", "1", True),
        ("\uff21", "a", True),
        (" a ", "a", True),
        ("e", "é", False),
        ("a b", "ab", False),
    ],
)
def test_comparison_key_is_blind_to_case_and_width_alone(one: str, other: str, *, same: bool) -> None:
    assert (comparison_key(one) == comparison_key(other)) is same


def test_comparison_key_of_what_grows_under_nfkc_is_as_short_as_any() -> None:
    assert len(comparison_key("\ufdfa" * 500)) == 64
