"""What other sites show of a link to a poll: its title, a description, a picture, and where it can be embedded."""

from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.text import Truncator

from django_polls.conf import conf
from django_polls.display.polls import is_public
from django_polls.display.previews import HEIGHT, WIDTH, is_latin
from django_polls.models import Poll

DESCRIPTION_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Picture:
    """The preview picture of a poll."""

    url: str
    kind: str
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class PollMetadata:
    """What a page says of its poll to other sites. `oembed` is empty where no site may embed polls."""

    url: str
    title: str
    description: str
    picture: Picture
    oembed: str


def metadata_of(request: HttpRequest, poll: Poll) -> PollMetadata | None:
    """Return what a page says of its poll, None of one that does not exist for everybody. Nothing tells of results."""
    if not is_public(poll):
        return None
    url = request.build_absolute_uri(reverse("django_polls:poll-detail", args=[poll.pk]))
    query = urlencode({"url": url, "format": "json"})
    oembed = request.build_absolute_uri(f"{reverse('django_polls:poll-oembed')}?{query}")
    return PollMetadata(
        url=url,
        title=poll.title,
        description=_description(poll),
        picture=picture_of(request, poll),
        oembed=oembed if conf.frame_ancestors else "",
    )


def picture_of(request: HttpRequest, poll: Poll) -> Picture:
    """Return the picture of a poll: as PNG where this site can draw it, since most sites show no SVG."""
    path, kind = reverse("django_polls:poll-preview", args=[poll.pk]), "image/svg+xml"
    if conf.preview_font or is_latin(poll.title + "".join(option.text for option in poll.options.all())):
        with suppress(NoReverseMatch):  # where there is no Pillow
            path, kind = reverse("django_polls:poll-preview-png", args=[poll.pk]), "image/png"
    return Picture(request.build_absolute_uri(path), kind)


def _description(poll: Poll) -> str:
    """Return the poll's own description on one line, cut short; without one, its options."""
    text = " ".join(poll.description.split()) or " · ".join(option.text for option in poll.options.all())
    return Truncator(text).chars(DESCRIPTION_LENGTH)
