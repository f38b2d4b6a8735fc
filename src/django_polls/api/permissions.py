"""Who may do what with a poll: the policy's answers as permission classes, and the guard of guests' browsers."""

from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from django_polls.exceptions import CrossSiteRequest
from django_polls.models import Poll
from django_polls.policies import current_policy, is_known


class MayCreate(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method != "POST" or current_policy().may_create(request.user)


class MayManage(BasePermission):
    """Whoever may see a poll may read it; the rest is for those who manage it, or may delete it."""

    def has_object_permission(self, request: Request, view: APIView, obj: Poll) -> bool:
        if request.method in SAFE_METHODS:
            return True
        if request.method == "DELETE":
            return current_policy().may_delete(request.user, obj)
        return current_policy().may_manage(request.user, obj)


class Manages(BasePermission):
    """Nobody but those who manage a poll, to read it too."""

    def has_object_permission(self, request: Request, view: APIView, obj: Poll) -> bool:
        return current_policy().may_manage(request.user, obj)


class OriginCheck(CsrfViewMiddleware):
    """Django's own judgement of an Origin header: the request's host and CSRF_TRUSTED_ORIGINS are at home."""

    def __init__(self) -> None:
        super().__init__(lambda _request: HttpResponse())

    def is_foreign(self, request: Request) -> bool:
        return not self._origin_verified(request)  # type: ignore[attr-defined]  # the stubs leave it out


def refuse_cross_site(request: Request) -> None:
    """Raise CrossSiteRequest for a guest's unsafe request that another site's page made a browser send.

    Guests have no session that a CSRF token could be tied to, but they have an address and a cookie to vote by.
    """
    if request.method in SAFE_METHODS or is_known(request.user):
        return
    if "HTTP_ORIGIN" in request.META:
        is_foreign = OriginCheck().is_foreign(request)
    else:
        is_foreign = request.META.get("HTTP_SEC_FETCH_SITE") == "cross-site"
    if is_foreign:
        raise CrossSiteRequest
