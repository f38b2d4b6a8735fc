"""The limits of `django_polls.throttles` for the endpoints."""

from math import ceil

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from django_polls.throttles import wait_for


class ScopedThrottle(BaseThrottle):
    """Counts the requests of the scope that the view gives to the request's method, if any (`throttle_scopes`)."""

    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        scope: str | None = getattr(view, "throttle_scopes", {}).get(request.method)
        self._wait = wait_for(request, scope) if scope else 0
        return not self._wait

    def wait(self) -> float:
        """Return the seconds until the next window."""
        return ceil(self._wait)
