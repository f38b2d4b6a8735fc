"""Numbers as a reader of the language in use writes them."""

from fractions import Fraction

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_polls.methods.outcomes import Exact

DECIMALS = 2
PERCENT_DECIMALS = 1


def figure(value: Exact) -> str:
    """Return an exact figure as text, rounded to two decimals where it has more."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return number_format(exact.numerator, force_grouping=True)
    rounded = f"{float(round(exact, DECIMALS)):.{DECIMALS}f}".rstrip("0").rstrip(".")
    return number_format(rounded, force_grouping=True)


def share(part: Exact, whole: Exact) -> Fraction:
    """Return the share that a part is of a whole, 0 of nothing."""
    return Fraction(part) / Fraction(whole) if Fraction(whole) else Fraction()


def percent(of_one: Fraction) -> str:
    """Return a share in percent, rounded to one decimal."""
    number = number_format(f"{float(round(of_one * 100, PERCENT_DECIMALS)):.{PERCENT_DECIMALS}f}")
    return _("%(number)s%%") % {"number": number}


def width(of_one: Fraction) -> str:
    """Return a share as a length in SVG, whatever the language: `37.5%`, between none and all."""
    return f"{float(round(max(Fraction(), min(of_one, Fraction(1))) * 100, DECIMALS)):g}%"


def votes_told(votes: int) -> str:
    """Return a number of votes in words."""
    return ngettext("%(votes)s vote", "%(votes)s votes", votes) % {"votes": figure(votes)}
