"""Figures and times are written as a reader of the language writes them."""

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from django_polls.display.figures import figure, percent, share, width
from django_polls.display.times import Moment, moment

pytestmark = pytest.mark.pure

NOON = datetime(2030, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        (0, "0", "0"),
        (1234567, "1,234,567", "1.234.567"),
        ("12.5", "12.5", "12,5"),
        ("1/3", "0.33", "0,33"),
        ("-7/2", "-3.5", "-3,5"),
        ("1000000.25", "1,000,000.25", "1.000.000,25"),
        ("0.001", "0", "0"),
    ],
)
def test_figures(value: int | str, english: str, german: str, settings: pytest.FixtureRequest) -> None:
    settings.USE_THOUSAND_SEPARATOR = True  # type: ignore[attr-defined]
    with translation.override("en"):
        assert figure(value) == english
    with translation.override("de"):
        assert figure(value) == german


def test_shares() -> None:
    assert (share(1, 3), share("1/2", 2), share(5, 0)) == (Fraction(1, 3), Fraction(1, 4), Fraction())
    assert [percent(Fraction(1, 3)), percent(Fraction(1)), percent(Fraction())] == ["33.3%", "100.0%", "0.0%"]
    assert [width(Fraction(each)) for each in ("1/3", "-1/2", "3/2", "0")] == ["33.33%", "0%", "100%", "0%"]
    with translation.override("de"):
        assert width(Fraction(1, 3)) == "33.33%"


def test_times_are_told_in_the_poll_s_zone_and_in_the_viewer_s() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    with timezone.override(ZoneInfo("Asia/Tokyo")):
        elsewhere = moment(NOON, berlin)
    with timezone.override(berlin):
        here = moment(NOON, berlin)

    at = "July 1, 2030, 2 p.m."
    assert elsewhere == Moment(NOON.isoformat(), at, "Europe/Berlin", "July 1, 2030, 9 p.m.", "Asia/Tokyo")
    assert here == Moment(NOON.isoformat(), at, "Europe/Berlin", "", "Europe/Berlin")


def test_times_of_a_site_that_stores_local_ones() -> None:
    assert moment(datetime(2030, 7, 1, 12), ZoneInfo("Europe/Berlin")).text == "July 1, 2030, 2 p.m."  # noqa: DTZ001
