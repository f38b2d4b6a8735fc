"""Spans of time as the clocks of the reader have them: half-hour zones, the ends of summer time, lengths of months."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_polls.analytics.buckets import Size, extent

pytestmark = pytest.mark.pure

MOMENT = datetime(2026, 3, 10, 18, 44, 59, tzinfo=UTC)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Cairo",
)


@pytest.mark.parametrize(
    ("zone", "size", "start"),
    [
        ("UTC", Size.HOUR, "2026-03-10T18:00:00+00:00"),
        ("Asia/Kolkata", Size.HOUR, "2026-03-11T00:00:00+05:30"),
        ("Asia/Kolkata", Size.DAY, "2026-03-11T00:00:00+05:30"),
        ("Asia/Kathmandu", Size.HOUR, "2026-03-11T00:00:00+05:45"),
        ("America/St_Johns", Size.DAY, "2026-03-10T00:00:00-02:30"),
        ("Europe/Berlin", Size.MONTH, "2026-03-01T00:00:00+01:00"),
    ],
)
def test_span_begins_by_the_clocks_of_the_zone(zone: str, size: Size, start: str) -> None:
    assert size.start(MOMENT, ZoneInfo(zone)).astimezone(ZoneInfo(zone)).isoformat() == start


def test_hour_that_comes_twice_is_two_spans() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    starts = Size.HOUR.starts(first, first + timedelta(hours=2), berlin)

    assert [start.astimezone(berlin).isoformat() for start in starts] == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]


def test_days_of_23_and_25_hours_are_days() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    starts = [
        start.astimezone(berlin).isoformat()
        for first in (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC))
        for start in Size.DAY.starts(first, first + timedelta(days=2), berlin)
    ]

    assert starts == [
        "2026-03-28T00:00:00+01:00",
        "2026-03-29T00:00:00+01:00",
        "2026-03-30T00:00:00+02:00",
        "2026-10-24T00:00:00+02:00",
        "2026-10-25T00:00:00+02:00",
        "2026-10-26T00:00:00+01:00",
    ]


def test_months_are_of_the_zone_and_none_is_left_out() -> None:
    last = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    starts = Size.MONTH.starts(datetime(2026, 10, 31, 23, 30, tzinfo=UTC), last, ZoneInfo("Asia/Kolkata"))

    assert [f"{start.astimezone(ZoneInfo('Asia/Kolkata')):%Y-%m-%d}" for start in starts] == [
        "2026-11-01",
        "2026-12-01",
        "2027-01-01",
    ]


@pytest.mark.parametrize(
    ("length", "size"),
    [
        (timedelta(0), Size.HOUR),
        (timedelta(hours=72), Size.HOUR),
        (timedelta(hours=73), Size.DAY),
        (timedelta(days=120), Size.DAY),
        (timedelta(days=121), Size.MONTH),
        (timedelta(days=9_000), Size.MONTH),
    ],
)
def test_size_fits_the_length(length: timedelta, size: Size) -> None:
    assert Size.fitting(MOMENT, MOMENT + length) == size


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001  hypothesis adds the zone
    st.timedeltas(timedelta(0), timedelta(days=200)),
    st.sampled_from(ZONES),
    st.floats(0, 1),
)
def test_every_moment_falls_into_one_of_the_spans(naive: datetime, length: timedelta, name: str, share: float) -> None:
    first, zone = naive.replace(tzinfo=UTC), ZoneInfo(name)
    size = Size.fitting(first, first + length)

    starts = size.starts(first, first + length, zone)

    assert size.start(first + share * length, zone) in starts
    assert starts == sorted(set(starts))
    assert len(starts) <= 124


def test_extent_reaches_to_the_end_at_least() -> None:
    later = MOMENT + timedelta(hours=1)

    assert extent([later, MOMENT], None) == (MOMENT, later)
    assert extent([MOMENT], later) == (MOMENT, later)
    assert extent([later], MOMENT) == (later, later)
    assert extent([], later) is None
