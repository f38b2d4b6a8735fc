"""Times as pages show them: in the poll's time zone and in the viewer's, both by name."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as text in a zone that is named; `viewer_text` in the viewer's, empty where it reads the same."""

    iso: str
    text: str
    zone: str
    viewer_text: str
    viewer_zone: str


def moment(at: datetime, zone: ZoneInfo) -> Moment:
    """Return a time in this zone, and in the one that the site has activated for the viewer."""
    aware = at if timezone.is_aware(at) else timezone.make_aware(at, timezone.get_default_timezone())
    here, there = _written(aware.astimezone(zone)), _written(timezone.localtime(aware))
    viewer_zone = timezone.get_current_timezone_name()
    return Moment(aware.isoformat(), here, zone.key, "" if here == there else there, viewer_zone)


def _written(at: datetime) -> str:
    return date_format(at.replace(tzinfo=None), "DATETIME_FORMAT", use_l10n=True)
