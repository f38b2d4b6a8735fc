"""Values of requests: an exact integer or none, and a moment that every site understands alike."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from django_polls.api.fields import integer_in, moment_in, moment_text

TOKYO = {"TIME_ZONE": "Asia/Tokyo"}
NINE_IN_TOKYO = datetime(2030, 1, 31, 9, 0)  # noqa: DTZ001  what a site without time zones stores


@pytest.mark.parametrize("text", ["2030-01-31T00:00:00Z", "2030-01-31T09:00:00+09:00", "2030-01-31 09:00"])
def test_moment_is_the_same_on_every_site(text: str) -> None:
    with override_settings(**TOKYO, USE_TZ=True):
        aware = moment_in(text)
    with override_settings(**TOKYO, USE_TZ=False):
        naive = moment_in(text)

    assert (aware, naive) == (datetime(2030, 1, 31, tzinfo=UTC), NINE_IN_TOKYO)


def test_moment_is_written_in_utc_on_every_site() -> None:
    with override_settings(**TOKYO, USE_TZ=True):
        aware = moment_text(datetime(2030, 1, 31, 2, 0, tzinfo=timezone(timedelta(hours=2))))
    with override_settings(**TOKYO, USE_TZ=False):
        naive = moment_text(NINE_IN_TOKYO)

    assert (aware, naive) == ("2030-01-31T00:00:00Z", "2030-01-31T00:00:00Z")


@given(st.datetimes(datetime(1901, 1, 1), datetime(9997, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_moment_survives_writing_and_reading(moment: datetime) -> None:
    assert moment_in(moment_text(moment)) == moment.astimezone(UTC)


@given(st.text())
def test_moment_in_any_text_is_a_moment_or_refused(text: str) -> None:
    try:
        moment = moment_in(text)
    except ValueError:
        return
    assert moment.tzinfo is UTC


@given(st.integers(0, 10**18 - 1))
def test_integer_is_read_from_json_and_forms(number: int) -> None:
    assert (integer_in(number, is_form=False), integer_in(str(number), is_form=True)) == (number, number)


@given(st.one_of(st.text(), st.floats(), st.booleans(), st.none(), st.lists(st.integers())))
def test_nothing_else_is_an_integer(value: object) -> None:
    read_from_form = integer_in(value, is_form=True)

    assert integer_in(value, is_form=False) is None
    assert read_from_form is None or (isinstance(value, str) and set(value) <= set("0123456789"))
