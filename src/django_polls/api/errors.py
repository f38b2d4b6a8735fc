"""How every refusal becomes an answer `{"code", "detail"}`, whatever the host's own exception handler does."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any, ClassVar

from django.core import exceptions as django_exceptions
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as rest
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView, set_rollback

from django_polls.exceptions import (
    AuthenticationRequired,
    Invalid,
    InvalidBallot,
    Missing,
    PermissionDenied,
    PollError,
    PollNotFound,
    TryAgain,
    Unavailable,
)
from django_polls.transactions import is_temporary

RETRY_AFTER = 1
"""Seconds after which a request that met a busy database is worth sending again."""


class MalformedBody(rest.ParseError):
    """A body that is not what its Content-Type says, or that different readers would read differently."""

    default_code = "parse_error"


class BodyTooLarge(rest.APIException):
    status_code = 413
    default_code = "body_too_large"
    default_detail = _("The body is too large.")


class InvalidFields(Invalid):
    """A refusal with sentences by field."""

    def __init__(self, errors: Mapping[str, Sequence[object]]) -> None:
        super().__init__()
        self.errors = errors


class InvalidVote(InvalidFields, InvalidBallot):
    """A body that is no ballot of the poll's method."""

    code: ClassVar[str] = InvalidBallot.code
    message = InvalidBallot.message


class InvalidQuery(InvalidFields):
    code = "invalid_query"
    message = _("The query is not valid.")


class PageNotFound(Missing):
    code = "page_not_found"
    message = _("There is no such page.")


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer to a refusal, None for what is a fault of the server."""
    refusal = _refusal(error)
    if refusal is None:
        return None
    set_rollback()
    if isinstance(refusal, PollError):
        return _answered(refusal, context["view"])
    return _answered_for_framework(refusal)


Refusal = PollError | rest.APIException

# What else means a refusal; the first that fits decides.
_MEANINGS: Mapping[type[Exception], Callable[[], Refusal]] = {
    Http404: PollNotFound,
    rest.NotFound: PollNotFound,
    rest.NotAuthenticated: AuthenticationRequired,
    django_exceptions.PermissionDenied: PermissionDenied,
    django_exceptions.RequestDataTooBig: BodyTooLarge,
    django_exceptions.SuspiciousOperation: MalformedBody,
    django_exceptions.BadRequest: MalformedBody,
    UnreadablePostError: MalformedBody,
}


def _refusal(error: Exception) -> Refusal | None:
    """Return the refusal that this error is, if it is one."""
    for kind, meaning in _MEANINGS.items():
        if isinstance(error, kind):
            return meaning()
    if isinstance(error, PollError | rest.APIException):
        return error
    if isinstance(error, OperationalError | InterfaceError) and is_temporary(error):
        return TryAgain()
    return None


def answer_to(refusal: Refusal) -> dict[str, object]:
    """Return what a refusal says: its code and its sentence, and fields or limits where there are some."""
    if isinstance(refusal, PollError):
        answer: dict[str, object] = {"code": refusal.code, "detail": str(refusal)}
        errors, limits = getattr(refusal, "errors", None), refusal.params
        return answer | ({"errors": errors} if errors else {}) | ({"limits": limits} if limits else {})
    if isinstance(refusal.detail, rest.ErrorDetail):
        return {"code": refusal.detail.code, "detail": str(refusal.detail)}
    return {"code": "invalid", "detail": str(rest.ValidationError.default_detail), "errors": flat(refusal.detail)}


def _answered(refusal: PollError, view: APIView) -> Response:
    response = Response(answer_to(refusal), refusal.status)
    if isinstance(refusal, Unavailable):
        response["Retry-After"] = RETRY_AFTER
    challenge = isinstance(refusal, AuthenticationRequired) and view.get_authenticate_header(view.request)
    if challenge:
        response.status_code = 401
        response["WWW-Authenticate"] = challenge
    return response


def _answered_for_framework(error: rest.APIException) -> Response:
    response = Response(answer_to(error), error.status_code)
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = ceil(wait)
    return response


def flat(errors: object, path: str = "") -> dict[str, list[str]]:
    """Return nested errors as sentences by the dotted path of their field: `options.1.text`."""
    if isinstance(errors, Mapping):
        items = [(str(name), value) for name, value in errors.items()]
    elif isinstance(errors, list) and any(not isinstance(error, str) for error in errors):
        items = [(str(index), value) for index, value in enumerate(errors)]
    else:
        sentences = errors if isinstance(errors, list) else [errors]
        return {path or "body": [str(sentence) for sentence in sentences]}
    found: dict[str, list[str]] = {}
    for name, value in items:
        if value:
            # What is at fault as a whole goes by its own path, whatever the host calls that.
            own = () if name == api_settings.NON_FIELD_ERRORS_KEY else (name,)
            found |= flat(value, ".".join([*filter(None, [path]), *own]))
    return found
