"""What every admin page here has in common: what may be asked of it by its URL, and pages that only show."""

from typing import ClassVar

from django.contrib import admin
from django.core.exceptions import BadRequest
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from django_polls.models import Poll
from django_polls.models.polls import SEARCH_LENGTH, SEARCH_TERMS, PollQuerySet
from django_polls.policies import current_policy


def seen_polls(request: HttpRequest) -> PollQuerySet:
    """Return the polls that exist for whoever asks."""
    return current_policy().seen_by(request.user, Poll.objects.all())


class GuardedAdmin(admin.ModelAdmin):
    """A page that filters by what it names, and by nothing else.

    Django's admin takes a filter by any column from the URL. Here one could ask which named voters chose a ballot,
    what hidden results are, or for a secret key digit by digit.
    """

    class Media:
        css = {"all": ("django_polls/admin.css",)}

    lookups: ClassVar[frozenset[str]] = frozenset()
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in self.lookups

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        if any("\x00" in value for values in request.GET.lists() for value in (values[0], *values[1])):
            # PostgreSQL takes no NUL, and would say so too late to be answered well.
            raise BadRequest("The address has a NUL character.")
        return super().changelist_view(request, extra_context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        terms = search_term[:SEARCH_LENGTH].split()[:SEARCH_TERMS]
        return super().get_search_results(request, queryset, " ".join(terms))


class ReadOnlyAdmin(GuardedAdmin):
    """A page that shows and changes nothing, whoever asks: what it shows is evidence."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
