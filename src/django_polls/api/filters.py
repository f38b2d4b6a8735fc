"""What a list of polls may be asked for: polls' definitions and the asker's own votes, and nothing about counts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.drainage import set_override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.views import APIView

from django_polls.api.errors import InvalidQuery
from django_polls.api.fields import (
    NO_SUCH_METHOD,
    NO_SUCH_USER,
    NOT_A_MOMENT,
    NOT_A_TEXT,
    NOT_EXPECTED,
    ONE_VALUE,
    TOO_MANY_TERMS,
    moment_in,
)
from django_polls.api.parsers import UNSTORABLE
from django_polls.conf import voting_methods
from django_polls.exceptions import AuthenticationRequired
from django_polls.models import Poll
from django_polls.models.polls import SEARCH_LENGTH, SEARCH_TERMS, PollQuerySet, Status
from django_polls.voting import polls_awaiting

# The paginator reads these.
PAGE_PARAMETERS = frozenset({"page", "page_size"})
# The primary key makes every order a total one, so that no poll is on two pages or on none.
ORDERINGS = {
    "created_at": (F("created_at").asc(), F("id").asc()),
    "-created_at": (F("created_at").desc(), F("id").asc()),
    "expires_at": (F("expires_at").asc(nulls_last=True), F("id").asc()),
    "-expires_at": (F("expires_at").desc(nulls_last=True), F("id").asc()),
    "title": (F("title").asc(), F("id").asc()),
    "-title": (F("title").desc(), F("id").asc()),
}


M = TypeVar("M", bound=Model)


class MomentInput(forms.Field):
    """A moment as the API writes it."""

    def to_python(self, value: str | None) -> datetime | None:
        try:
            return moment_in(value) if value else None
        except ValueError:
            raise ValidationError(NOT_A_MOMENT) from None


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentFilter(filters.Filter):
    field_class = MomentInput


class FlagFilter(filters.ChoiceFilter):
    """`true` or `false`, and nothing that might mean one of them."""

    def __init__(self, *, help_text: str | Promise, **kwargs: Any) -> None:
        super().__init__(choices=(("true", "true"), ("false", "false")), help_text=help_text, **kwargs)
        set_override(self, "field", {"type": "boolean", "description": help_text})


class PollFilter(filters.FilterSet):
    """The filters of a list of polls. A host adds its own by a subclass, named in a subclass of the list's view."""

    status = filters.ChoiceFilter(choices=Status.choices, method="filter_status")
    is_active = FlagFilter(method="filter_is_active", help_text=_("Whether polls take votes now."))
    method = filters.CharFilter(method="filter_method", help_text=_("The key of a voting method."))
    creator = filters.CharFilter(method="filter_creator", help_text=_("The key of the user who created the polls."))
    mine = FlagFilter(method="filter_mine", help_text=_("Whether you created the polls."))
    needs_my_vote = FlagFilter(
        method="filter_needs_my_vote",
        help_text=_("Whether polls are open, you belong to their electorate, and you have not voted. For users alone."),
    )
    created_after = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_before = MomentFilter(field_name="created_at", lookup_expr="lt")
    expires_after = MomentFilter(field_name="expires_at", lookup_expr="gte")
    expires_before = MomentFilter(field_name="expires_at", lookup_expr="lt")
    search = filters.CharFilter(
        method="filter_search", help_text=_("At most 8 words, each of them in the title or the description.")
    )
    ordering = filters.ChoiceFilter(choices=[(key, key) for key in ORDERINGS], method="filter_ordering")

    class Meta:
        model = Poll
        fields: tuple[str, ...] = ()

    def filter_status(self, polls: PollQuerySet, _name: str, value: str) -> PollQuerySet:
        return polls.having_status(value)

    def filter_is_active(self, polls: PollQuerySet, _name: str, value: str) -> PollQuerySet:
        return _flagged(polls, polls.open(), value)

    def filter_method(self, polls: PollQuerySet, name: str, value: str) -> PollQuerySet:
        if value not in voting_methods():
            raise InvalidQuery({name: [NO_SUCH_METHOD]})
        return polls.filter(method=value)

    def filter_creator(self, polls: PollQuerySet, name: str, value: str) -> PollQuerySet:
        return polls.filter(created_by=_user_key(name, value))

    def filter_mine(self, polls: PollQuerySet, _name: str, value: str) -> PollQuerySet:
        return _flagged(polls, polls.filter(created_by=self._user().pk), value)

    def filter_needs_my_vote(self, polls: PollQuerySet, _name: str, value: str) -> PollQuerySet:
        return _flagged(polls, polls_awaiting(self._user(), polls), value)

    def filter_search(self, polls: PollQuerySet, name: str, value: str) -> PollQuerySet:
        terms = value.split()
        if len(value) > SEARCH_LENGTH or len(terms) > SEARCH_TERMS:
            raise InvalidQuery({name: [TOO_MANY_TERMS]})
        return polls.matching(terms)

    def filter_ordering(self, polls: PollQuerySet, _name: str, value: str) -> PollQuerySet:
        return polls.order_by(*ORDERINGS[value])

    def _user(self) -> AbstractBaseUser:
        """Return the user who asks. Raises AuthenticationRequired: a guest's votes have another key in every poll."""
        user = getattr(self.request, "user", None)
        if not isinstance(user, AbstractBaseUser):
            raise AuthenticationRequired
        return user


def _flagged(polls: PollQuerySet, matching: PollQuerySet, flag: str) -> PollQuerySet:
    """Return the matching ones of the polls, or all others."""
    return matching if flag == "true" else polls.exclude(pk__in=matching.order_by().values("pk"))


def _user_key(name: str, text: str) -> Any:  # noqa: ANN401  a host's users may have any key
    """Return the user key that is written so. Raises InvalidQuery for what cannot be one."""
    try:
        key = Poll._meta.get_field("created_by").target_field.to_python(text)
    except ValidationError:
        key = None
    # SQLite takes no number of more than 64 bits.
    if str(key) != text or (isinstance(key, int) and not -(2**63) <= key < 2**63):
        raise InvalidQuery({name: [NO_SUCH_USER]})
    return key


class QueryBackend(filters.DjangoFilterBackend):
    """Refuses a query with a parameter that is unknown, repeated or unreadable, rather than answer another question."""

    def filter_queryset(self, request: HttpRequest, queryset: QuerySet[M], view: APIView) -> QuerySet[M]:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if errors := _errors(request.GET.lists(), filterset.base_filters.keys() | PAGE_PARAMETERS):
            raise InvalidQuery(errors)
        if not filterset.is_valid():
            raise InvalidQuery(filterset.errors)
        return filterset.qs


def _errors(query: Iterable[tuple[str, list[str]]], known: Iterable[str]) -> Mapping[str, list[object]]:
    errors: dict[str, list[object]] = {}
    for name, values in query:
        if name not in known:
            errors[name] = [NOT_EXPECTED]
        elif len(values) > 1:
            errors[name] = [ONE_VALUE]
        elif UNSTORABLE.search(values[0]):
            errors[name] = [NOT_A_TEXT]
    return errors
