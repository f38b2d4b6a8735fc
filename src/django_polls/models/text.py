"""What people may write: text in NFC, without characters that hide or reorder what others read."""

import hashlib
import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# C0 and C1 controls, zero-width space, word joiner and byte order mark, marks and overrides of direction,
# line and paragraph separators, lone surrogates. Joiners (U+200C, U+200D) stay: Persian and emoji need them.
_UNPRINTABLE = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff"
)
_NOT_IN_TEXT = re.compile(f"[{_UNPRINTABLE}]")
_NOT_IN_A_LINE = re.compile(f"[{_UNPRINTABLE}\t\n\r]")


# Four times what any text may have: NFC makes one character of four at most, and takes the square of their number.
MOST_NORMALIZED = 20_000


def normalized(text: str) -> str:
    """Return the text in Unicode's form NFC, without white space around it; as it is, if it is too long for any use."""
    return unicodedata.normalize("NFC", text).strip() if len(text) <= MOST_NORMALIZED else text


def comparison_key(text: str) -> str:
    """Return 64 hexadecimal digits that are equal for texts that look the same but for case and width.

    The SHA-256 of the text in NFKC, trimmed and casefolded: NFKC may be 18 times as long as what was written, and
    a database's own comparison may hold `e` and `é` equal.
    """
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    # A lone surrogate is for the validators to refuse, which see the text after this.
    return hashlib.sha256(unicodedata.normalize("NFKC", folded).encode(errors="surrogatepass")).hexdigest()


def validate_plain_text(text: str) -> None:
    """Raise ValidationError if the text has control or bidirectional characters other than line breaks and tabs."""
    _refuse(_NOT_IN_TEXT, text)


def validate_plain_line(text: str) -> None:
    """Raise ValidationError if the text has control or bidirectional characters, line breaks and tabs among them."""
    _refuse(_NOT_IN_A_LINE, text)


def _refuse(pattern: re.Pattern[str], text: str) -> None:
    if found := pattern.search(text):
        raise ValidationError(
            _("The character %(character)s is not allowed here."),
            code="character_not_allowed",
            params={"character": f"U+{ord(found[0]):04X}"},
        )
