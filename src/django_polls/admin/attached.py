"""The polls of a host's object, listed on the object's own page in the admin, and new ones attached to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.contenttypes.admin import GenericInlineModelAdmin
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import router
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from django_polls.identity import viewer_of
from django_polls.models import Poll
from django_polls.models.polls import Status
from django_polls.policies import current_policy
from django_polls.results import visible_votes

# Of the address of the page for a new poll: kind and key of what it is for.
ATTACHED_TYPE, ATTACHED_ID = "attached_type", "attached_id"
MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class AttachedPoll:
    """A poll of the object's. `votes` is None where whoever looks may not see how many there are."""

    poll: Poll
    status: Status
    url: str
    votes: int | None


class AttachedPollsInline(GenericInlineModelAdmin):
    """An object's polls with links to them. A host lists it in the `inlines` of its own `ModelAdmin`.

    It is no form: polls are written on their own page, so that saving the object never writes a poll.
    """

    model = Poll
    ct_field, ct_fk_field = ATTACHED_TYPE, ATTACHED_ID
    template = "admin/django_polls/attached_polls.html"
    fields = ()
    extra = max_num = 0
    can_delete = False

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:  # noqa: ANN401
        """Return a formset without forms, and note for whom which object's polls are listed."""
        # Django makes an inline for each request, and none here without an object: nobody may view one of a new one.
        self.request, self.thing = request, cast("Model", obj)
        return super().get_formset(request, obj, for_concrete_model=False, **kwargs)

    def get_queryset(self, request: HttpRequest) -> Any:  # noqa: ANN401  as Django's types have it
        return super().get_queryset(request).none()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the list is shown: an object that is not stored yet has no polls."""
        return obj is not None and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None) -> bool:  # type: ignore[override]
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @property
    def rows(self) -> Sequence[AttachedPoll]:
        """The polls of the object that exist for whoever looks, the newest first."""
        attached = Poll.objects.using(router.db_for_read(Poll)).with_clock().attached_to(self.thing)
        polls = list(current_policy().seen_by(self.request.user, attached)[:MOST_LISTED])
        votes = visible_votes({poll: viewer_of(self.request, poll) for poll in polls})
        return [AttachedPoll(poll, poll.status, self._url("change", poll.pk), votes.get(poll.pk)) for poll in polls]

    @property
    def add_url(self) -> str:
        """The page for a new poll of the object's; empty for whoever may not create one."""
        if not self.admin_site.get_model_admin(Poll).has_add_permission(self.request):
            return ""
        kind = ContentType.objects.get_for_model(self.thing, for_concrete_model=False)
        return f"{self._url('add')}?{urlencode({ATTACHED_TYPE: kind.pk, ATTACHED_ID: self.thing.pk})}"

    def _url(self, page: str, *arguments: object) -> str:
        return reverse(f"admin:django_polls_poll_{page}", args=arguments, current_app=self.admin_site.name)


class AttachingAdmin(admin.ModelAdmin):
    """The page for a new poll, where its address says to what the poll is attached."""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show or save the form, and say to what the poll will be attached."""
        thing = self.get_attached_to(request)
        told = {} if thing is None else {"subtitle": _("For %(thing)s") % {"thing": thing}}
        return super().add_view(request, form_url, told | (extra_context or {}))

    def get_attached_to(self, request: HttpRequest) -> Model | None:
        """Return the object that the address names, to whoever may change it in this admin. Raises PermissionDenied.

        None where the address names nothing.
        """
        kind, key = request.GET.get(ATTACHED_TYPE), request.GET.get(ATTACHED_ID)
        if kind is None or key is None:
            return None
        found = ContentType.objects.filter(pk=kind).first() if kind.isascii() and kind.isdigit() else None
        model = found.model_class() if found else None
        if model is None or not self.admin_site.is_registered(model):
            raise PermissionDenied
        owner = self.admin_site.get_model_admin(model)
        thing = owner.get_object(request, key)
        if thing is None or not owner.has_change_permission(request, thing):
            raise PermissionDenied
        return thing
