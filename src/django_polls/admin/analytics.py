"""The analytics pages, of one poll and of all, and the tables behind their charts as CSV. They only read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from django_polls.admin import panels
from django_polls.admin.base import GuardedAdmin, seen_polls
from django_polls.admin.panels import Panel
from django_polls.analytics.overview import Overview, PollAnalytics, overview, poll_analytics
from django_polls.exceptions import PollError
from django_polls.exports import Row, csv_lines
from django_polls.identity import viewer_of
from django_polls.models import Poll

MOST_POLLS = 1_000
"""The overview is of so many polls at most, the newest."""

NAME_LENGTH = 60


class Fact(NamedTuple):
    """A figure that a page opens with."""

    name: str
    figure: str
    about: str = ""


class Page(NamedTuple):
    """What an analytics page shows."""

    facts: Sequence[Fact]
    panels: Sequence[Panel]
    notes: Sequence[str]


class AnalyticsPages(GuardedAdmin):
    """The pages beside those of the polls. Who may look at a poll may open them; its visibility says what is there."""

    def get_urls(self) -> list[URLPattern]:
        prefix = "django_polls_poll_analytics"
        return [
            path("analytics/", self._reading(self._show_all), name="django_polls_analytics"),
            path("analytics/<slug:table>.csv", self._reading(self._export_all), name="django_polls_analytics_csv"),
            path("<path:object_id>/analytics/", self._reading(self._show), name=prefix),
            path("<path:object_id>/analytics/<slug:table>.csv", self._reading(self._export), name=f"{prefix}_csv"),
            *super().get_urls(),
        ]

    def _reading(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        return require_safe(self.admin_site.admin_view(never_cache(view)))

    def _show_all(self, request: HttpRequest) -> HttpResponse:
        return self._response(request, "admin/django_polls/analytics.html", self._overview(request))

    def _export_all(self, request: HttpRequest, table: str) -> HttpResponseBase:
        return csv_response(_panel(self._overview(request), table).csv_rows(), f"polls-{table}")

    def _show(self, request: HttpRequest, object_id: str) -> HttpResponse:
        poll = self._seen(request, object_id)
        try:
            page = self._page(request, poll)
        except PollError as refusal:
            page = Page((), (), [str(refusal)])
        return self._response(request, "admin/django_polls/poll/analytics.html", page, original=poll)

    def _export(self, request: HttpRequest, object_id: str, table: str) -> HttpResponseBase:
        poll = self._seen(request, object_id)
        try:
            page = self._page(request, poll)
        except PollError:
            raise PermissionDenied from None
        return csv_response(_panel(page, table).csv_rows(), f"{slugify(poll.title)[:NAME_LENGTH] or 'poll'}-{table}")

    def _seen(self, request: HttpRequest, object_id: str) -> Poll:
        poll: Poll | None = self.get_object(request, unquote(object_id))
        if poll is None:
            raise Http404
        if not self.has_view_permission(request, poll):
            raise PermissionDenied
        return poll

    def _page(self, request: HttpRequest, poll: Poll) -> Page:
        """Return what the poll's page shows whoever asks. Raises PollError."""
        return page_of(poll, poll_analytics(viewer_of(request, poll), poll, timezone.get_current_timezone()))

    def _overview(self, request: HttpRequest) -> Page:
        if not self.has_view_permission(request):
            raise PermissionDenied
        polls = list(seen_polls(request).with_clock()[: MOST_POLLS + 1])
        viewers = {poll: viewer_of(request, poll) for poll in polls[:MOST_POLLS]}
        return page_of_all(overview(viewers, timezone.get_current_timezone()), are_more=len(polls) > MOST_POLLS)

    def _response(self, request: HttpRequest, template: str, page: Page, **context: object) -> HttpResponse:
        request.current_app = self.admin_site.name
        common = {**self.admin_site.each_context(request), "title": gettext("Analytics"), "opts": self.opts}
        return TemplateResponse(request, template, {**common, **page._asdict(), **context})


def csv_response(rows: Iterable[Row], name: str) -> StreamingHttpResponse:
    """Return a CSV file to be saved, sent line by line."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8", headers=headers)


def page_of(poll: Poll, found: PollAnalytics) -> Page:
    """Return the page of one poll."""
    names = {option.pk: option.text for option in poll.options.all()}
    names = {option_id: names.get(option_id, "") for option_id in found.outcome.option_votes}
    shown: list[Panel] = []
    if found.activity is not None and found.activity.buckets:
        shown += [panels.votes_over_time(found.activity)]
        shown += [panels.shares_over_time(found.activity, names)] if found.activity.shares else []
        shown += [panels.voters(found.activity)]
    shown += [panels.options_by_group(found.groups, names)] if found.groups else []
    shown += [panels.refused_attempts(found.refusals)] if found.refusals else []
    return Page(list(_facts(found)), shown, list(_notes(found)))


def _facts(found: PollAnalytics) -> Iterator[Fact]:
    votes = found.outcome.votes
    yield Fact(gettext("Votes"), panels.number(votes).shown)
    if found.electorate is not None:
        about = ngettext(
            "%(votes)s vote of %(electorate)s people", "%(votes)s votes of %(electorate)s people", votes
        ) % {"votes": panels.number(votes).shown, "electorate": panels.number(found.electorate).shown}
        yield Fact(gettext("Turnout"), panels.share(votes, found.electorate).shown, about)
    for name, number in (
        (gettext("Abstentions"), found.outcome.abstentions),
        (gettext("None of these"), found.outcome.none_of_these),
    ):
        if number:
            yield Fact(name, panels.number(number).shown, panels.share(number, votes).shown)


def _notes(found: PollAnalytics) -> Iterator[str]:
    if found.activity is None:
        yield gettext("This poll keeps votes secret, so that nothing is told by time.")
    elif not found.activity.buckets:
        yield gettext("No votes yet.")
    elif not found.activity.shares:
        yield gettext("Options have no votes of their own under this method, so that there are no shares over time.")


def page_of_all(found: Overview, *, are_more: bool) -> Page:
    """Return the page of all polls."""
    facts = [Fact(str(status.label), panels.number(number).shown) for status, number in found.statuses.items()]
    about = ngettext(
        "in %(polls)s poll whose results you may see", "in %(polls)s polls whose results you may see", found.counted
    ) % {"polls": panels.number(found.counted).shown}
    facts.append(Fact(gettext("Votes"), panels.number(found.votes).shown, about))
    shown: list[Panel] = []
    if found.activity.buckets:
        shown = [panels.votes_over_time(found.activity), panels.voters(found.activity)]
    if found.top:
        shown.insert(1, panels.top_polls([(poll.title, _address(poll), votes) for poll, votes in found.top]))
    shown += [panels.refused_attempts(found.refusals)] if found.refusals else []
    newest = gettext("These figures are of the newest %(number)s polls.") % {"number": panels.number(MOST_POLLS).shown}
    return Page(facts, shown, [newest] if are_more else [])


def _address(poll: Poll) -> str:
    return reverse("admin:django_polls_poll_analytics", args=[quote(poll.pk)])


def _panel(page: Page, slug: str) -> Panel:
    found = next((panel for panel in page.panels if panel.slug == slug), None)
    if found is None:
        raise Http404
    return found
