"""The options of a poll, written on the page of the poll."""

from django.contrib import admin
from django.http import HttpRequest

from django_polls import lifecycle
from django_polls.admin.forms import PollOptionForm
from django_polls.forms.freezing import freeze_of
from django_polls.models import Poll, PollOption


class PollOptionInline(admin.TabularInline):
    """The options of a poll. Whoever may write the poll may write them: they are part of it."""

    model = PollOption
    form = PollOptionForm
    fields = ("text", "position", "capacity")

    def get_extra(self, request: HttpRequest, obj: Poll | None = None, **kwargs: object) -> int:
        return lifecycle.MIN_OPTIONS if obj is None else 0

    def has_view_permission(self, request: HttpRequest, obj: Poll | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Poll | None) -> bool:  # type: ignore[override]
        return self.has_change_permission(request, obj) or freeze_of(obj).accepts_options

    def has_change_permission(self, request: HttpRequest, obj: Poll | None = None) -> bool:
        return not freeze_of(obj).fixes_options

    def has_delete_permission(self, request: HttpRequest, obj: Poll | None = None) -> bool:
        return self.has_change_permission(request, obj)
