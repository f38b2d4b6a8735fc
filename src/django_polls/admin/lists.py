"""The list of polls: its filters, and the number of votes where it may be shown."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timesince import timeuntil
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_polls.conf import voting_methods
from django_polls.identity import viewer_of
from django_polls.models import Poll
from django_polls.models.polls import Status
from django_polls.results import outcomes_of, polls_with_visible_results

VOTES = "votes_shown"


class StatusFilter(admin.SimpleListFilter):
    """Where polls stand now, by the database's clock."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(status.value, str(status.label)) for status in Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Poll]) -> QuerySet[Poll]:
        value = self.value()
        return queryset.filter(pk__in=Poll.objects.having_status(value)) if value in Status.values else queryset


class MethodFilter(admin.SimpleListFilter):
    """How polls are counted, by the registered methods."""

    title = _("method")
    parameter_name = "method"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(key, str(method.label)) for key, method in voting_methods().items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Poll]) -> QuerySet[Poll]:
        return queryset.filter(method=value) if (value := self.value()) else queryset


def closing_of(poll: Poll) -> str:
    """Return how long an open poll, read with its clock, is open still; nothing where only a person closes it."""
    if poll.status != Status.OPEN or poll.expires_at is None:
        return ""
    return gettext("in %(time)s") % {"time": timeuntil(poll.expires_at, poll.read_at, depth=1)}


def votes_shown(request: HttpRequest, polls: Sequence[Poll]) -> Mapping[UUID, int]:
    """Return the number of votes of those polls whose results whoever asks may see."""
    visible = polls_with_visible_results({poll: viewer_of(request, poll) for poll in polls})
    outcomes = outcomes_of([poll for poll in polls if poll.pk in visible])
    return {poll_id: outcome.votes for poll_id, outcome in outcomes.items()}


class PollChangeList(ChangeList):
    """The list of polls, with the number of votes where it may be shown."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        votes = votes_shown(request, self.result_list)
        for poll in self.result_list:
            vars(poll)[VOTES] = votes.get(poll.pk)
