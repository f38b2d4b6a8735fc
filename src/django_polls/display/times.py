"""Times as pages show them: in the poll's time zone and in the viewer's, both by name."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from django_polls.models import Poll
from django_polls.models.polls import Status


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
    viewer_zone = timezone.get_current_timezone()
    here, there = in_zone(aware, zone), in_zone(aware, viewer_zone)
    differs = here.utcoffset() != there.utcoffset()
    there_text = _written(there) if differs else ""
    return Moment(aware.isoformat(timespec="seconds"), _written(here), zone.key, there_text, str(viewer_zone))


def in_zone(at: datetime, zone: tzinfo) -> datetime:
    """Return a time in this zone; as it is, where a host's own code has stored one at the end of all times."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


@dataclass(frozen=True, slots=True)
class When:
    """When a poll opens, closes or was closed: in words, and as a moment where there is one."""

    words: str
    moment: Moment | None


def when(poll: Poll, status: Status) -> When:
    """Return what is said of a poll's schedule. How long it is still open is told by the time of its read."""
    if status == Status.SCHEDULED and poll.opens_at is not None:
        return When(_("Opens:"), moment(poll.opens_at, poll.zone))
    if status == Status.OPEN and poll.expires_at is not None:
        left = timeuntil(poll.expires_at, getattr(poll, "read_at", None), depth=2)
        return When(_("Closes in %(left)s:") % {"left": left}, moment(poll.expires_at, poll.zone))
    if status == Status.CLOSED and (closed_at := poll.closed_at or poll.expires_at) is not None:
        return When(_("Closed:"), moment(closed_at, poll.zone))
    return When(_("Open until somebody closes it") if status == Status.OPEN else "", None)


def _written(at: datetime) -> str:
    return date_format(at.replace(tzinfo=None), "DATETIME_FORMAT", use_l10n=True)
