"""The stored outcomes of closed polls, for those who may see the results."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_polls.admin.base import ReadOnlyAdmin, seen_polls
from django_polls.identity import viewer_of
from django_polls.models import PollOutcome
from django_polls.results import results_visible_to


@admin.register(PollOutcome)
class PollOutcomeAdmin(ReadOnlyAdmin):
    """What was counted, once and for all."""

    list_display = ("poll", "finalised_at")
    list_select_related = ("poll",)
    search_fields = ("poll__title",)
    ordering = ("-finalised_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PollOutcome]:
        return super().get_queryset(request).filter(poll__in=seen_polls(request).order_by())

    def get_fields(self, request: HttpRequest, obj: PollOutcome | None = None) -> tuple[str, ...]:
        """Return the fields to show: the result is none where the poll hides it from this viewer."""
        if obj is not None and results_visible_to(viewer_of(request, obj.poll), obj.poll):
            return ("poll", "finalised_at", "votes", "result")
        return ("poll", "finalised_at", "hidden")

    @admin.display(description=_("votes"))
    def votes(self, outcome: PollOutcome) -> int:
        return outcome.outcome.votes

    @admin.display(description=_("result"))
    def result(self, outcome: PollOutcome) -> SafeString:
        """Return each option with its votes, in the order shown to voters."""
        counted = outcome.outcome.option_votes
        rows = ((option.text, counted.get(option.pk, 0)) for option in outcome.poll.options.all())
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", rows))

    @admin.display(description=_("result"))
    def hidden(self, outcome: PollOutcome) -> str:
        return gettext("Hidden from you by the poll's visibility.")
