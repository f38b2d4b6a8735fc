"""Spans of time that votes are counted by: hours, days or months, as they begin in the reader's time zone."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum

MOST_HOURS = 72
MOST_DAYS = 120


class Size(Enum):
    """How long a span is."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"

    @classmethod
    def fitting(cls, first: datetime, last: datetime) -> "Size":
        """Return the size by which the time between these two has neither too few spans to tell, nor too many."""
        length = last - first
        if length <= timedelta(hours=MOST_HOURS):
            return cls.HOUR
        return cls.DAY if length <= timedelta(days=MOST_DAYS) else cls.MONTH

    def start(self, moment: datetime, zone: tzinfo) -> datetime:
        """Return when the span of this moment began, by the clocks of the zone; in UTC, where no hour comes twice."""
        begun = moment.astimezone(zone).replace(minute=0, second=0, microsecond=0)
        if self is not Size.HOUR:
            begun = begun.replace(hour=0, fold=0)
        if self is Size.MONTH:
            begun = begun.replace(day=1)
        return begun.astimezone(UTC)

    def starts(self, first: datetime, last: datetime, zone: tzinfo) -> list[datetime]:
        """Return when each span from that of the first moment to that of the last began, empty ones too."""
        stride = STRIDES[self]
        steps = range(int((last - first) / stride) + 1)
        moments = [*(first + step * stride for step in steps), last]
        return sorted({self.start(moment, zone) for moment in moments})


# Shorter than any span of the size, whatever the clocks do: so none is stepped over.
STRIDES = {Size.HOUR: timedelta(minutes=15), Size.DAY: timedelta(hours=6), Size.MONTH: timedelta(days=7)}


def extent(moments: Iterable[datetime], until: datetime | None) -> tuple[datetime, datetime] | None:
    """Return the first and the last of these moments, the end being at least `until`; None where there are none."""
    found: Sequence[datetime] = sorted(moments)
    if not found:
        return None
    return found[0], max(found[-1], until or found[-1])
