"""The stored outcomes of closed polls, for those who may see the results."""

from collections.abc import Iterable, Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_polls.admin.base import ReadOnlyAdmin, seen_polls
from django_polls.display import names
from django_polls.identity import viewer_of
from django_polls.methods.explanation import explanation
from django_polls.models import Poll, PollOption, PollOutcome, VoteReason
from django_polls.models.counting import Reasons
from django_polls.results import results_visible_to

REASONS_SHOWN = 200


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
            return ("poll", "finalised_at", "counted_by", "votes", "result", *_extras_of(obj.poll))
        return ("poll", "finalised_at", "hidden")

    @admin.display(description=_("counted by"))
    def counted_by(self, outcome: PollOutcome) -> str:
        """Return the method, and which of its ways it was."""
        both = (names.method_name(outcome.outcome.method), names.label_of(outcome.outcome.count))
        return " / ".join(filter(None, both))

    @admin.display(description=_("votes"))
    def votes(self, outcome: PollOutcome) -> int:
        return outcome.outcome.votes

    @admin.display(description=_("result"))
    def result(self, outcome: PollOutcome) -> SafeString:
        """Return each option with its votes, in the order shown to voters, then what the outcome says in sentences."""
        options = list(outcome.poll.options.all())
        names = {option.pk: option.text for option in options}
        sentences = explanation(outcome.outcome, names, outcome.poll.grade_words)
        said = format_html_join("", "<li>{}</li>", ((sentence,) for sentence in sentences))
        return format_html("{}<ol>{}</ol>", _votes_of(outcome, options), said)

    @admin.display(description=_("reasons"))
    def reasons(self, outcome: PollOutcome) -> SafeString | str:
        """Return the reasons under the answer they were given for, by their texts alone: not whose, and not when.

        Where they are too many, the first of all of them by text: by answer those who block would be left out.
        """
        given = VoteReason.objects.filter(vote__poll=outcome.poll, vote__ballot__marks__isnull=False)
        rows = given.order_by("text").values_list("vote__ballot__marks__option_id", "text")
        first, total = list(rows[:REASONS_SHOWN]), given.count()
        if not first:
            return gettext("Nobody gave a reason.")
        answers = ((_reasons_of(option, first),) for option in outcome.poll.options.all())
        return format_html("<ul>{}</ul>{}", format_html_join("", "{}", answers), _more(total - len(first)))

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


def _extras_of(poll: Poll) -> tuple[str, ...]:
    """Return the fields that show what not every poll has: reasons, and a seed, which is a secret until the close."""
    reasons = () if poll.reasons == Reasons.OFF else ("reasons",)
    seed = () if poll.closed_at is None or poll.tie_seed is None else ("tie_seed", "tie_seed_hash")
    return (*reasons, *seed)


def _reasons_of(option: PollOption, reasons: Sequence[tuple[int, str]]) -> SafeString:
    """Return an answer with those of these reasons that were given for it; nothing where there are none."""
    texts = [(text,) for option_id, text in reasons if option_id == option.pk]
    if not texts:
        return SafeString()
    return format_html("<li>{}<ul>{}</ul></li>", option.text, format_html_join("", "<li>{}</li>", texts))


def _more(number: int) -> SafeString:
    if not number:
        return SafeString()
    sentence = ngettext("There is %(number)d more.", "There are %(number)d more.", number) % {"number": number}
    return format_html("<p>{}</p>", sentence)
