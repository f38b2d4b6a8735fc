"""Polls in the admin: every change goes through `lifecycle`, and what it refuses is said on the page."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from django_polls import lifecycle
from django_polls.admin.analytics import AnalyticsPages, csv_response
from django_polls.admin.attached import AttachingAdmin
from django_polls.admin.fieldsets import FIRST, GROUPS, HISTORY, PAST, SHOWN_AS, STANDING
from django_polls.admin.forms import PollForm
from django_polls.admin.lists import VOTES, MethodFilter, PollChangeList, StatusFilter, closing_of
from django_polls.admin.options import PollOptionInline
from django_polls.admin.tallies import VIEWER, tally_of
from django_polls.display import names
from django_polls.exceptions import PermissionDenied as NotPermitted
from django_polls.exceptions import PollError, PollUncountable, ResultsHidden
from django_polls.exports import outcome_rows
from django_polls.forms.freezing import WRITTEN, freeze_of, keep_freeze
from django_polls.identity import viewer_of
from django_polls.models import Poll, PollOption, Vote
from django_polls.models.polls import PollQuerySet
from django_polls.policies import current_policy
from django_polls.results import outcomes_of, polls_with_visible_results

Verb = Callable[[HttpRequest, Poll], str]
"""Does something to a poll for whoever asks, and returns what has become of it. Raises PollError."""

REFUSAL = "django_polls.refusal"
NO_REVISION = 0


@admin.register(Poll)
class PollAdmin(AttachingAdmin, AnalyticsPages):
    """Polls. The model's permissions and the site's policy must both allow what is done here."""

    form = PollForm
    inlines = (PollOptionInline,)
    filter_horizontal = ("groups",)
    list_display = ("title", "status_now", "votes", "closing", "visibility", "method_name", "created_by")
    list_filter = (StatusFilter, MethodFilter, "visibility", "electorate", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("title", "description")
    sortable_by = ("title",)
    actions = ("open_polls", "close_polls", "copy_polls", "export_results")
    lookups = frozenset(
        {"status", "method", "visibility__exact", "electorate__exact", "created_at__gte", "created_at__lt"}
    )

    @admin.display(description=_("status"))
    def status_now(self, poll: Poll) -> str:
        return str(poll.status.label)

    @admin.display(description=_("method"))
    def method_name(self, poll: Poll) -> str:
        return names.method_name(poll.method)

    @admin.display(description=_("way of counting"))
    def count_name(self, poll: Poll) -> str:
        return names.count_name(poll.method, poll.count)

    @admin.display(description=_("votes"))
    def votes(self, poll: Poll) -> int | None:
        """Return what the list has found that may be shown."""
        shown: int | None = getattr(poll, VOTES, None)
        return shown

    @admin.display(description=_("closes"))
    def closing(self, poll: Poll) -> str:
        return closing_of(poll)

    @admin.display(description=_("tally"))
    def tally(self, poll: Poll) -> str:
        return tally_of(poll, vars(poll).get(VIEWER))

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return PollChangeList

    def get_queryset(self, request: HttpRequest) -> PollQuerySet:
        polls = Poll.objects.with_clock().prefetch_related("options")
        return current_policy().seen_by(request.user, polls.annotate(has_votes=_has_votes()))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Poll | None:
        poll = super().get_object(request, object_id, from_field)
        if poll is not None:
            keep_freeze(poll)
            vars(poll)[VIEWER] = viewer_of(request, poll)
        return poll

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and current_policy().may_create(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Poll | None = None) -> bool:
        may = super().has_view_permission(request, obj)
        return may and (obj is None or current_policy().may_see(request.user, obj))

    def has_change_permission(self, request: HttpRequest, obj: Poll | None = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or current_policy().may_manage(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Poll | None = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or current_policy().may_delete(request.user, obj))

    def get_fieldsets(self, request: HttpRequest, obj: Poll | None = None) -> list[Any]:
        """Return the fields in groups, and above them why some can no longer change."""
        if obj is None:
            return [group.fieldset(()) for group in (FIRST, *GROUPS)]
        may_change = self.has_change_permission(request, obj)
        freeze = freeze_of(obj)
        revision = ("known_revision",) if may_change else ()
        first = FIRST._replace(fields=FIRST.fields + revision, about=freeze.reason)
        return [group.fieldset(freeze.fields if may_change else WRITTEN) for group in (first, STANDING, *GROUPS, PAST)]

    def get_readonly_fields(self, request: HttpRequest, obj: Poll | None = None) -> tuple[str, ...]:
        return ("status_now", "tally", *SHOWN_AS.values(), *HISTORY, *sorted(freeze_of(obj).fields))

    def get_form(
        self,
        request: HttpRequest,
        obj: Poll | None = None,
        change: bool = False,  # noqa: FBT001, FBT002  Django's signature
        **kwargs: Any,
    ) -> type[PollForm]:
        form = cast("type[PollForm]", super().get_form(request, obj, change, **kwargs))
        form.freeze = freeze_of(obj)
        form.refusal = request.META.get(REFUSAL)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save the form; a refusal by the verb, which comes last, is shown on the form as any other error."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PollError as refusal:
            request.META[REFUSAL] = refusal
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Poll, form: PollForm, change: bool) -> None:  # noqa: FBT001
        """Save nothing: a poll is written together with its options, by `save_related`."""

    def save_related(
        self,
        request: HttpRequest,
        form: PollForm,
        formsets: Sequence[BaseInlineFormSet],
        change: bool,  # noqa: FBT001
    ) -> None:
        """Create or edit the poll. Raises PollError."""
        options, *others = formsets
        draft = form.draft(options)
        if change:
            lifecycle.edit_poll(form.instance, draft, revision=form.cleaned_data.get("known_revision") or NO_REVISION)
        else:
            thing = self.get_attached_to(request)
            form.instance.pk = lifecycle.create_poll(draft, created_by=_user(request), attached_to=thing).pk
        # For the history: it tells the formset what has changed, and writes nothing.
        options.save(commit=False)
        for formset in others:
            self.save_formset(request, form, formset, change)

    def get_actions(self, request: HttpRequest, action_location: object = None) -> dict[str, Any]:
        """Return the actions without Django's bulk deletion: a poll is deleted with its number of votes in sight."""
        location: dict[str, Any] = {} if action_location is None else {"action_location": action_location}
        actions = super().get_actions(request, **location)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description=_("Open selected polls for votes now"), permissions=["change"])
    def open_polls(self, request: HttpRequest, queryset: PollQuerySet) -> None:
        self._act(request, queryset, _open)

    @admin.action(description=_("Close selected polls for good"), permissions=["change"])
    def close_polls(self, request: HttpRequest, queryset: PollQuerySet) -> None:
        self._act(request, queryset, _close)

    @admin.action(description=_("Copy selected polls as drafts"), permissions=["add", "change"])
    def copy_polls(self, request: HttpRequest, queryset: PollQuerySet) -> None:
        self._act(request, queryset, self._copy)

    @admin.action(description=_("Export results of selected polls as CSV"), permissions=["view"])
    def export_results(self, request: HttpRequest, queryset: PollQuerySet) -> HttpResponseBase | None:
        """Return the outcomes that whoever asks may see, and say of the others that they are left out."""
        polls = list(queryset)
        visible = polls_with_visible_results({poll: viewer_of(request, poll) for poll in polls})
        outcomes = outcomes_of([poll for poll in polls if poll.pk in visible])
        for poll in polls:
            if poll.pk not in outcomes:
                reason = PollUncountable if poll.pk in visible else ResultsHidden
                self.message_user(request, f"{poll}: {reason()}", messages.ERROR)
        return csv_response(outcome_rows(polls, outcomes), "results") if outcomes else None

    def get_urls(self) -> list[URLPattern]:
        verbs = {"open": _open, "close": _close, "copy": self._copy}
        return [
            path(f"<path:object_id>/{name}/", self._view(verb), name=f"django_polls_poll_{name}")
            for name, verb in verbs.items()
        ] + super().get_urls()

    def _view(self, verb: Verb) -> Callable[..., HttpResponse]:
        """Return the view behind a button of the poll's page."""

        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            poll = self.get_object(request, unquote(object_id))
            if poll is None:
                raise Http404
            if not self.has_change_permission(request, poll):
                raise PermissionDenied
            self._act(request, [poll], verb)
            return HttpResponseRedirect(reverse("admin:django_polls_poll_change", args=[object_id]))

        return require_POST(self.admin_site.admin_view(view))

    def _act(self, request: HttpRequest, polls: Iterable[Poll], verb: Verb) -> None:
        """Do it to each poll, and say of each whether it was done."""
        for poll in polls:
            try:
                if not self.has_change_permission(request, poll):
                    raise NotPermitted
                change = verb(request, poll)
            except PollError as refusal:
                self.message_user(request, f"{poll}: {refusal}", messages.ERROR)
            else:
                self.log_change(request, poll, str(change))
                self.message_user(request, f"{poll}: {change}", messages.SUCCESS)

    def _copy(self, request: HttpRequest, poll: Poll) -> str:
        if not self.has_add_permission(request):
            raise NotPermitted
        copy = lifecycle.copy_poll(poll, created_by=_user(request))
        self.log_addition(request, copy, gettext("Copied."))
        return gettext("It was copied as a draft.")

    def get_deleted_objects(
        self, objs: Iterable[Poll], request: HttpRequest
    ) -> tuple[list[str], dict[Any, int], set[Any], list[str]]:
        """Return what goes with these polls: numbers, since a list would load every vote."""
        polls = list(objs)
        lacking = {self.opts.verbose_name for poll in polls if not self.has_delete_permission(request, poll)}
        going = {Poll: len(polls)} | {
            model: model.objects.filter(poll__in=polls).count() for model in (PollOption, Vote)
        }
        counts = {model._meta.verbose_name_plural: number for model, number in going.items()}
        return [str(poll) for poll in polls], counts, lacking, []

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        votes = dict(context["model_count"])[Vote._meta.verbose_name_plural]
        return super().render_delete_form(request, context | {"vote_count": votes})

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Delete a poll, with its votes if the page that was confirmed had said that it has some."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except PollError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def delete_model(self, request: HttpRequest, obj: Poll) -> None:
        lifecycle.delete_poll(obj, with_votes=request.POST.get("votes", "0") != "0")


def _has_votes() -> Exists:
    return Exists(Vote.objects.filter(poll=OuterRef("pk")))


def _user(request: HttpRequest) -> AbstractBaseUser:
    """Return who asks: nobody gets this far without logging in."""
    return cast("AbstractBaseUser", request.user)


def _open(_request: HttpRequest, poll: Poll) -> str:
    lifecycle.open_poll(poll)
    return gettext("It is open for votes now.")


def _close(request: HttpRequest, poll: Poll) -> str:
    lifecycle.close_poll(poll, closed_by=_user(request), reason=request.POST.get("reason", ""))
    return gettext("It is closed for good.")
