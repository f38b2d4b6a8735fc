"""A poll on other sites: in a frame, by oEmbed, and as a picture. All of it is the same for everybody who asks."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import django
from django.contrib.auth.models import AnonymousUser
from django.db import router
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, get_script_prefix, resolve, reverse
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.clickjacking import xframe_options_exempt

from django_polls.conf import conf, content_policy, site_language
from django_polls.display.metadata import picture_of
from django_polls.display.polls import ShownPoll, is_public, shown_publicly
from django_polls.display.previews import Preview, preview_of
from django_polls.display.results import results_shown
from django_polls.exceptions import PollNotFound
from django_polls.models import Poll
from django_polls.models.polls import PollQuerySet
from django_polls.policies import current_policy
from django_polls.views.base import PollsPage, validated

# Figures are never older than their poll says: a cache may keep them, and asks whether they still hold.
REVALIDATED = "public, no-cache"
# A shared link shows what was so some minutes ago.
KEPT = "public, max-age=300"
KEPT_SECONDS = 300

# The frame's own pages are of another origin than the page that it stands on, so that these let it do no more than show
# itself, renew its figures and open the poll in a tab of its own.
SANDBOX = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox"
EMBED_WIDTH = 640
EMBED_PAGES = frozenset({"poll-detail", "poll-results", "poll-embed"})
MOST_DIGITS = 6


@contextmanager
def for_anybody(request: HttpRequest) -> Iterator[None]:
    """Speak to somebody of whom no more is known than the language that their browser asks for.

    A site may have activated a language or a time zone that it knows of the user or of a cookie, which a cache that
    serves the next one does not ask for.
    """
    language = site_language()
    if hasattr(request, "LANGUAGE_CODE"):  # the site's pages are in the language that is asked for
        stranger = HttpRequest()
        stranger.path_info, stranger.META = request.path_info, request.META
        language = translation.get_language_from_request(stranger, check_path=True)
    with translation.override(language), timezone.override(None):
        yield


class PublicView(PollsPage):
    """What is the same for everybody. It knows neither user nor cookie nor address."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer in words for anybody."""
        with for_anybody(request):
            response = self.answer(self.get_poll())
            response.headers["Content-Language"] = translation.get_language() or site_language()
        return response

    @abstractmethod
    def answer(self, poll: Poll) -> HttpResponse:
        """Return the answer. Raises PollNotFound."""
        ...

    def all_polls(self) -> PollQuerySet:
        """Return all polls with what is shown of them to everybody."""
        return Poll.objects.using(router.db_for_read(Poll)).with_clock().prefetch_related("options")

    def get_poll(self) -> Poll:
        """Return the poll that is asked for, if it exists for everybody. Raises PollNotFound."""
        poll = current_policy().seen_by(AnonymousUser(), self.all_polls()).filter(pk=self.get_poll_id()).first()
        if poll is None:
            raise PollNotFound
        return poll

    def get_poll_id(self) -> UUID:
        """Return the id in the URL."""
        poll_id: UUID = self.kwargs["id"]
        return poll_id


@method_decorator(xframe_options_exempt, name="dispatch")
class EmbedView(PublicView):
    """The poll for a frame on another site: what everybody may see of it, and a link to where one votes.

    Nothing on it can be done by a click that somebody else has led: votes are cast on the poll's own page.
    """

    template_name = "django_polls/poll_embed.html"

    def answer(self, poll: Poll) -> HttpResponse:
        """Return the page, with the word on who may frame it."""
        return framed(self.request, embedded(self.request, self.template_name, shown_publicly(poll)))


class EmbedPieceView(PublicView):
    """The part of that page that renews itself while the poll is open."""

    template_name = "django_polls/partials/public_results.html"

    def answer(self, poll: Poll) -> HttpResponse:
        """Return the piece; 304 to whoever has it."""
        return embedded(self.request, self.template_name, shown_publicly(poll))


def embedded(request: HttpRequest, template_name: str, shown: ShownPoll) -> HttpResponse:
    """Return what everybody is shown of a poll. The template gets no request: what it does not know it cannot tell."""
    context = {"poll": shown.poll, "shown": shown, "results": results_shown(shown)}
    response = validated(request, render_to_string(template_name, context))
    response.headers["Cache-Control"] = REVALIDATED
    response.headers["X-Poll-Status"] = shown.status.value
    return response


def framed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Say in the response which sites may show it in a frame, beside whatever else the site's own policy says."""
    ancestors = list(conf.frame_ancestors) or ["'none'"]
    if django.VERSION >= (6, 0):
        from django.middleware.csp import get_nonce  # noqa: PLC0415  Django 5.2 has neither module
        from django.views.decorators.csp import csp_override  # noqa: PLC0415

        if get_nonce(request) is not None and content_policy():
            # The middleware is there, and writes the policy of the site with this one part changed.
            policy = {**content_policy(), "frame-ancestors": ancestors}
            return csp_override(policy)(lambda _request: response)(request)
    response.headers["Content-Security-Policy"] = f"frame-ancestors {' '.join(ancestors)}"
    return response


class PreviewView(PublicView):
    """The picture of a poll, as SVG."""

    template_name = "django_polls/preview.svg"
    content_type = "image/svg+xml"

    def answer(self, poll: Poll) -> HttpResponse:
        """Return the picture; 304 to whoever has it."""
        preview = preview_of(shown_publicly(poll))
        response = validated(self.request, self.draw(preview), self.content_type)
        response.headers["Cache-Control"] = KEPT
        # Opened as a page it is one of this site's: then it may load nothing and run nothing.
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        return response

    def draw(self, preview: Preview) -> str | bytes:
        """Return the bytes of the picture."""
        return render_to_string(self.template_name, {"preview": preview})


class OEmbedView(PublicView):
    """The endpoint of oEmbed (https://oembed.com, 2.2 and 2.3): the frame, as HTML that another site may show."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer in JSON. What cannot be answered has the status that the specification gives it."""
        if request.GET.get("format", "json") != "json":
            return refused(501, "format_not_implemented", "The only format is json.")
        if "url" not in request.GET or 0 in self.limits:
            return refused(400, "invalid", "Name the url of a poll, and limits in whole pixels if any.")
        try:
            return super().get(request, *args, **kwargs)
        except PollNotFound:
            return refused(404, "not_found", "There is no such poll.")

    def get_poll_id(self) -> UUID:
        """Return the id of the poll whose page the query names."""
        return poll_id_at(self.request, self.request.GET["url"])

    @property
    def limits(self) -> tuple[int | None, int | None]:
        """The most pixels across and down that the asker has room for: None for any, 0 for what is no such number."""
        return _limit(self.request.GET.get("maxwidth", "")), _limit(self.request.GET.get("maxheight", ""))

    def answer(self, poll: Poll) -> HttpResponse:
        """Return the frame of the poll."""
        if not is_public(poll):
            raise PollNotFound
        if not conf.frame_ancestors:
            # For "a private resource", to which a link is all that shall lead.
            return refused(401, "embedding_forbidden", "Link to this poll: it may not be embedded.")
        response = JsonResponse(self.embed(poll))
        response.headers["Cache-Control"] = KEPT
        return response

    def embed(self, poll: Poll) -> Mapping[str, object]:
        """Return the members of the answer, within the limits."""
        request, (most_wide, most_high) = self.request, self.limits
        width = min(EMBED_WIDTH, most_wide or EMBED_WIDTH)
        height = min(height_of(poll), most_high or height_of(poll))
        url = request.build_absolute_uri(reverse("django_polls:poll-embed", args=[poll.pk]))
        answer: dict[str, object] = {
            "version": "1.0",
            "type": "rich",
            "title": poll.title,
            "provider_name": request.get_host(),
            "provider_url": request.build_absolute_uri(reverse("django_polls:poll-list")),
            "cache_age": KEPT_SECONDS,
            "html": frame(url, poll.title, width, height),
            "width": width,
            "height": height,
        }
        picture = picture_of(request, poll)
        if picture.width <= (most_wide or picture.width) and picture.height <= (most_high or picture.height):
            answer |= {
                "thumbnail_url": picture.url,
                "thumbnail_width": picture.width,
                "thumbnail_height": picture.height,
            }
        return answer


def refused(status: int, code: str, detail: str) -> HttpResponse:
    """Return why a site that asks for an embed gets none."""
    return JsonResponse({"code": code, "detail": detail}, status=status)


def frame(url: str, title: str, width: int, height: int) -> str:
    """Return the HTML of a frame that shows a poll."""
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" sandbox="{}" loading="lazy" frameborder="0"></iframe>',
        url,
        title,
        str(width),
        str(height),
        SANDBOX,
    )


def height_of(poll: Poll) -> int:
    """Return about how high the page for a frame is, in pixels: it says exactly how high once it is shown."""
    return min(260 + 56 * len(poll.options.all()) + 26 * (len(poll.description) // 70), 1200)


def _limit(text: str) -> int | None:
    """Return a limit in pixels: None where there is none, 0 for what is no such number."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


def poll_id_at(request: HttpRequest, url: str) -> UUID:
    """Return the id of the poll whose page on this site has this address. Raises PollNotFound."""
    try:
        parts = urlsplit(url)
        prefix = get_script_prefix()
        if parts.scheme not in {"http", "https"} or parts.netloc.lower() != request.get_host().lower():
            raise PollNotFound
        if not parts.path.startswith(prefix):
            raise PollNotFound
        match = resolve("/" + parts.path.removeprefix(prefix))
    except (ValueError, Resolver404):
        raise PollNotFound from None
    if match.app_names[-1:] != ["django_polls"] or match.url_name not in EMBED_PAGES:
        raise PollNotFound
    poll_id: UUID = match.kwargs["id"]
    return poll_id
