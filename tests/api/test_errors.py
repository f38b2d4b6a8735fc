"""Whatever a view raises that is a refusal is answered in one form; whatever is a fault stays one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import exceptions as django_exceptions
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, UnreadablePostError
from django.test import RequestFactory
from rest_framework import exceptions as rest
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.response import Response

from django_polls.api.base import PollsView
from django_polls.api.errors import flat
from django_polls.exceptions import AuthenticationRequired, PollFrozen, PollNotFound, TryAgain

NOT_FOUND = {"code": "not_found", "detail": "There is no such poll."}
MALFORMED = {"code": "parse_error", "detail": "Malformed request."}


class Raising(PollsView):
    """A view of a host's, that raises what it is told to."""

    error: Exception = PollNotFound()

    def get(self, request: HttpRequest, **_kwargs: str) -> Response:
        raise self.error


def answer(error: Exception, **attributes: Any) -> Response:
    view: Callable[..., Response] = Raising.as_view(error=error, **attributes)
    return view(RequestFactory().get("/"))


ANSWERS: list[tuple[Exception, int, dict[str, Any]]] = [
    (PollNotFound(), 404, NOT_FOUND),
    (Http404("there is a secret draft"), 404, NOT_FOUND),
    (rest.NotFound("there is a secret draft"), 404, NOT_FOUND),
    (
        PollFrozen(fields="title"),
        409,
        {
            "code": "poll_frozen",
            "detail": "This can no longer be changed: title.",
            "limits": {"fields": "title"},
        },
    ),
    (
        django_exceptions.PermissionDenied("secret"),
        403,
        {
            "code": "permission_denied",
            "detail": "You may not do this.",
        },
    ),
    (rest.PermissionDenied("Not on Sundays."), 403, {"code": "permission_denied", "detail": "Not on Sundays."}),
    (django_exceptions.RequestDataTooBig(), 413, {"code": "body_too_large", "detail": "The body is too large."}),
    (django_exceptions.TooManyFieldsSent(), 400, MALFORMED),
    (django_exceptions.BadRequest(), 400, MALFORMED),
    (UnreadablePostError(), 400, MALFORMED),
    (
        rest.ValidationError("No."),
        400,
        {
            "code": "invalid",
            "detail": "Invalid input.",
            "errors": {"body": ["No."]},
        },
    ),
    (
        rest.ValidationError({"a": {"b": ["No."]}}),
        400,
        {
            "code": "invalid",
            "detail": "Invalid input.",
            "errors": {"a.b": ["No."]},
        },
    ),
    (
        OperationalError("database is locked"),
        503,
        {
            "code": "try_again",
            "detail": "The poll is busy. Send the same request again.",
        },
    ),
    (
        InterfaceError("connection already closed"),
        503,
        {
            "code": "try_again",
            "detail": "The poll is busy. Send the same request again.",
        },
    ),
]


@pytest.mark.parametrize(("error", "status", "body"), ANSWERS, ids=lambda value: type(value).__name__)
def test_answer(error: Exception, status: int, body: dict[str, Any]) -> None:
    response = answer(error)

    assert (response.status_code, response.data) == (status, body)
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), OperationalError("no such table: x")])
def test_fault_of_the_server_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)):
        answer(error)


@pytest.mark.parametrize("error", [AuthenticationRequired(), rest.NotAuthenticated()])
@pytest.mark.parametrize(
    ("authenticators", "status", "challenge"),
    [
        ([TokenAuthentication, SessionAuthentication], 401, "Token"),
        ([SessionAuthentication, TokenAuthentication], 403, None),
        ([], 403, None),
    ],
)
def test_answer_to_whoever_must_log_in(
    authenticators: list[Any], status: int, challenge: str | None, error: Exception
) -> None:
    response = answer(error, authentication_classes=authenticators)

    assert (response.status_code, response.headers.get("WWW-Authenticate")) == (status, challenge)
    assert response.data == {"code": "authentication_required", "detail": "Log in to do this."}


def test_answer_to_a_wrong_token_is_a_challenge() -> None:
    response = answer(rest.AuthenticationFailed(), authentication_classes=[TokenAuthentication])

    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Token")
    assert response.data["code"] == "authentication_failed"


def test_waits_are_whole_seconds() -> None:
    throttled, busy = answer(rest.Throttled(wait=0.2)), answer(TryAgain())

    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "1")
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ("No.", {"body": ["No."]}),
        (["No.", "Never."], {"body": ["No.", "Never."]}),
        ({"a": ["No."]}, {"a": ["No."]}),
        ({"a": [{}, {"b": ["No."]}]}, {"a.1.b": ["No."]}),
        ({"a": [["No."], {}]}, {"a.0": ["No."]}),
        ({"a": {"non_field_errors": ["No."]}}, {"a": ["No."]}),
        ({"non_field_errors": ["No."]}, {"body": ["No."]}),
    ],
)
def test_flat(errors: object, expected: dict[str, list[str]]) -> None:
    assert flat(errors) == expected
