"""The endpoints' documentation as OpenAPI, from what each handler says of itself; it needs no setting of the host."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import Direction, OpenApiExample, OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import exceptions as rest
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from django_polls.api.errors import BodyTooLarge, MalformedBody, Refusal, answer_to
from django_polls.api.permissions import Manages
from django_polls.exceptions import AuthenticationRequired, CrossSiteRequest, PermissionDenied, TryAgain

TAG = "polls"

# What any request may meet, what one that changes something may, and what one with a body may.
ALWAYS: tuple[Refusal, ...] = (MalformedBody(), rest.AuthenticationFailed(), rest.NotAcceptable(), TryAgain())
UNSAFE: tuple[Refusal, ...] = (CrossSiteRequest(), PermissionDenied())
WITH_BODY: tuple[Refusal, ...] = (BodyTooLarge(), rest.UnsupportedMediaType("text/plain"))
RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    OpenApiTypes.INT,
    OpenApiParameter.HEADER,
    description=_("Seconds after which the request is worth sending again."),
    response=["429", "503"],
)

# Inline, since a serializer class has `errors` of its own.
REFUSAL = inline_serializer(
    "PollError",
    {
        "code": serializers.CharField(help_text=_("Stable, for programs.")),
        "detail": serializers.CharField(help_text=_("A sentence for people, in their language.")),
        "errors": serializers.DictField(
            child=serializers.ListField(child=serializers.CharField()),
            required=False,
            help_text=_("Sentences by the field at fault."),
        ),
        "limits": serializers.DictField(required=False, help_text=_("The limits that the sentence speaks of.")),
    },
)

H = TypeVar("H", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Operation:
    """What there is to know of one method of one endpoint.

    `status` is that of success; `also` has further ones without a body.
    """

    operation_id: str
    summary: str | Promise
    description: str | Promise
    refusals: tuple[Refusal, ...] = ()
    status: int = HTTPStatus.OK
    is_list: bool = False
    also: Mapping[int, str | Promise] = field(default_factory=dict)
    parameters: tuple[OpenApiParameter, ...] = ()
    examples: tuple[OpenApiExample, ...] = ()


def documented(operation: Operation) -> Callable[[H], H]:
    """Return a decorator that gives a view's handler its documentation."""

    def decorate(handler: H) -> H:
        handler.__dict__["operation"] = operation
        return handler

    return decorate


class PollsSchema(AutoSchema):
    """Reads a handler's `Operation`. A subclass of a view that overrides a handler inherits what is said of it."""

    @property
    def operation(self) -> Operation:
        """What the view says of the method in question."""
        handlers = (vars(kind).get(self.method.lower()) for kind in type(self.view).__mro__)
        found: Iterable[Operation | None] = (getattr(handler, "operation", None) for handler in handlers)
        return next(operation for operation in found if operation)

    def get_tags(self) -> list[str]:
        return [TAG]

    def get_operation_id(self) -> str:
        return self.operation.operation_id

    def get_summary(self) -> str:
        return str(self.operation.summary)

    def get_description(self) -> str:  # type: ignore[override]  # the library itself drops the arguments
        return str(self.operation.description)

    def get_override_parameters(self) -> list[Any]:
        return [RETRY_AFTER, *self.operation.parameters]

    def get_examples(self) -> list[OpenApiExample]:
        return list(self.operation.examples)

    def get_auth(self) -> list[dict[str, Any]]:
        """Return the host's schemes, and none at all where a guest may ask too."""
        permissions = self.view.permission_classes
        is_open = Manages not in permissions if self.method in SAFE_METHODS else not permissions
        schemes: list[dict[str, Any]] = super().get_auth()
        return [*schemes, {}] if is_open and {} not in schemes else schemes

    def get_request_serializer(self) -> Any:  # noqa: ANN401  the library's own type is as wide
        return getattr(self.view, "write_serializer_class", None)

    def get_response_serializers(self) -> Any:  # noqa: ANN401  the library's own type is too narrow
        view: Any = self.view
        operation, serializer = self.operation, view.serializer_class
        success: Any = serializer(many=True) if operation.is_list else serializer
        answers = {int(operation.status): None if operation.status == HTTPStatus.NO_CONTENT else success}
        also = {status: OpenApiResponse(description=str(text)) for status, text in operation.also.items()}
        return {**answers, **also, **_refused(self._refusals(operation))}

    def _refusals(self, operation: Operation) -> Iterable[Refusal]:
        yield from ALWAYS
        yield from operation.refusals
        if self.method not in SAFE_METHODS:
            yield from UNSAFE
        if self.method in {"POST", "PUT", "PATCH"}:
            yield from WITH_BODY
        if self.method in getattr(self.view, "throttle_scopes", {}):
            yield rest.Throttled(wait=30)


def _refused(refusals: Iterable[Refusal]) -> dict[int, OpenApiResponse]:
    """Return the answers to these refusals by status, with an example of each."""
    by_status: dict[int, list[OpenApiExample]] = {}
    for refusal in refusals:
        for status in _statuses(refusal):
            by_status.setdefault(status, []).append(_example(refusal, status))
    return {
        status: OpenApiResponse(
            REFUSAL,
            description=" · ".join(f"`{example.name}`" for example in examples),
            examples=examples,
        )
        for status, examples in sorted(by_status.items())
    }


def _statuses(refusal: Refusal) -> tuple[int, ...]:
    if isinstance(refusal, AuthenticationRequired | rest.AuthenticationFailed):
        # Which of them it is depends on the host's authenticators.
        return (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    return (refusal.status_code if isinstance(refusal, rest.APIException) else refusal.status,)


def _example(refusal: Refusal, status: int) -> OpenApiExample:
    answer = answer_to(refusal)
    return OpenApiExample(str(answer["code"]), answer, response_only=True, status_codes=[str(int(status))])


class ChoiceFieldExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Gives each set of codes a component of its own, so that no enum of the host collides with it."""

    target_class = "django_polls.api.fields.ChoiceField"

    def get_name(self) -> str:
        return f"Poll{self.target.choices.__name__.removeprefix('Poll')}"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.target.choices.values)}


class ExactFieldExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Says of an exact figure that it is a whole number or a text."""

    target_class = "django_polls.api.fields.ExactField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        return {"oneOf": [{"type": "integer"}, {"type": "string"}]}


class ExactMethodFieldExtension(ExactFieldExtension):  # type: ignore[no-untyped-call]
    """Says of an exact figure that it may be missing."""

    target_class = "django_polls.api.fields.ExactMethodField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        return {**super().map_serializer_field(auto_schema, direction), "readOnly": True, "nullable": True}


class BallotExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Gives each method's ballot a schema of its own. A body may fit two of them: the poll says which it is."""

    target_class = "django_polls.api.papers.BallotSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        papers = (auto_schema.resolve_serializer(paper, direction) for paper in self.target.papers)
        return {"anyOf": [paper.ref for paper in papers]}


class RankedBallotExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Says what a place of a ranking is."""

    target_class = "django_polls.api.papers.RankedBallotSerializer"

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        # The library documents no other way.
        schema: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)  # type: ignore[no-untyped-call]  # noqa: SLF001
        option = {"type": "integer"}
        schema["properties"]["ranking"]["items"] = {"oneOf": [option, {"type": "array", "items": option}]}
        return schema


class EditedPollExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """An edit names only the fields that change, but always the revision."""

    target_class = "django_polls.api.serializers.EditedPollSerializer"
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        name: str = type(self.target).__name__
        return name.removesuffix("Serializer")
