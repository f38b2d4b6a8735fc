"""Who has voted where and when; never what, which no page shows beside a name."""

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest

from django_polls.admin.base import ReadOnlyAdmin, seen_polls
from django_polls.models import Vote


@admin.register(Vote)
class VoteAdmin(ReadOnlyAdmin):
    """The votes of the polls that the viewer may see. What a vote points at is neither shown nor filtered by."""

    fields = ("poll", "voter", "cast_at")
    list_display = ("poll", "voter", "cast_at")
    list_select_related = ("poll", "voter")
    ordering = ("-id",)
    sortable_by = ()
    lookups = frozenset({"poll", "poll__id__exact"})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Vote]:
        return super().get_queryset(request).filter(poll__in=seen_polls(request).order_by()).defer("ballot")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("poll__title", f"voter__{get_user_model().USERNAME_FIELD}")
