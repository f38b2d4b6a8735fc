"""The stored outcomes of closed polls, for those who may see the results."""

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_polls.admin import counts
from django_polls.admin.base import ReadOnlyAdmin, seen_polls
from django_polls.identity import viewer_of
from django_polls.methods.explanation import explanation
from django_polls.models import Poll, PollOption, PollOutcome
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
            return ("poll", "finalised_at", "counted_by", "votes", "result", *_seed_of(obj.poll))
        return ("poll", "finalised_at", "hidden")

    @admin.display(description=_("counted by"))
    def counted_by(self, outcome: PollOutcome) -> str:
        """Return the method, and which of its ways it was."""
        names = (counts.method_name(outcome.outcome.method), counts.label_of(outcome.outcome.count))
        return " / ".join(filter(None, names))

    @admin.display(description=_("votes"))
    def votes(self, outcome: PollOutcome) -> int:
        return outcome.outcome.votes

    @admin.display(description=_("result"))
    def result(self, outcome: PollOutcome) -> SafeString:
        """Return each option with its votes, in the order shown to voters, then what the outcome says in sentences."""
        options = list(outcome.poll.options.all())
        sentences = explanation(outcome.outcome, {option.pk: option.text for option in options})
        said = format_html_join("", "<li>{}</li>", ((sentence,) for sentence in sentences))
        return format_html("{}<ol>{}</ol>", _votes_of(outcome, options), said)

    @admin.display(description=_("seed of ties"))
    def tie_seed(self, outcome: PollOutcome) -> str:
        return bytes(outcome.poll.tie_seed or b"").hex()

    @admin.display(description=_("SHA-256 of the seed"))
    def tie_seed_hash(self, outcome: PollOutcome) -> str:
        return outcome.poll.tie_seed_hash

    @admin.display(description=_("result"))
    def hidden(self, outcome: PollOutcome) -> str:
        return gettext("Hidden from you by the poll's visibility.")


def _votes_of(outcome: PollOutcome, options: Iterable[PollOption]) -> SafeString:
    """Return the options with their votes; nothing where options are scored, so that none has votes of its own."""
    counted = outcome.outcome.option_votes
    if None in counted.values():
        return SafeString()
    rows = ((option.text, counted.get(option.pk, 0)) for option in options)
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", rows))


def _seed_of(poll: Poll) -> tuple[str, ...]:
    """Return the fields that show the seed of a poll, where it has one: until the close it is a secret."""
    return () if poll.closed_at is None or poll.tie_seed is None else ("tie_seed", "tie_seed_hash")
