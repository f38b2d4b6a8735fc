"""The content security policy of the site, and of those pages that need another: Django's own, or the same by hand."""

from collections.abc import Callable, Collection, Mapping
from functools import wraps

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse

ContentPolicy = dict[str, Collection[str]]
View = Callable[..., HttpResponse]

HEADER = "Content-Security-Policy"


def policy_middleware(get_response: View) -> View:
    """Send the policy with every answer, under the directives that it has of its own: Django's does so from 6.0 on."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers[HEADER] = written({**settings.SECURE_CSP, **read(response.headers.get(HEADER, ""))})
        return response

    return answer


def under(policy: ContentPolicy) -> Callable[[View], View]:
    """Return a decorator that gives a view a policy of its own."""
    if django.VERSION < (6, 0):
        return lambda view: _sending(view, policy)
    from django.views.decorators.csp import csp_override  # noqa: PLC0415 - Django 5.2 has no such module

    return csp_override(policy)


def written(policy: Mapping[str, Collection[str]]) -> str:
    """Return the policy as a header has it."""
    return "; ".join(" ".join((name, *sources)) for name, sources in policy.items())


def read(header: str) -> ContentPolicy:
    """Return the policy that a header has."""
    directives = (directive.split() for directive in header.split(";") if directive.strip())
    return {name: sources for name, *sources in directives}


def _sending(view: View, policy: ContentPolicy) -> View:
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        response = view(request)
        response.headers[HEADER] = written(policy)
        return response

    return answer
