"""What all pages share: which poll is meant, how a refusal becomes a page, and what browsers may do with them."""

import codecs
from hashlib import sha256
from math import ceil
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError, router
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.encoding import iri_to_uri
from django.utils.http import parse_etags, url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from django.views.generic import TemplateView

from django_polls.exceptions import (
    AuthenticationRequired,
    NotPermitted,
    PermissionDenied,
    PollError,
    PollNotFound,
    Throttled,
    TryAgain,
    Unavailable,
)
from django_polls.models import Poll
from django_polls.models.polls import PollQuerySet
from django_polls.policies import current_policy, is_known
from django_polls.throttles import wait_for
from django_polls.transactions import is_temporary

PRIVATE = "private, no-store"
UTF_8 = "utf-8"
RETRY_AFTER = "1"
# Well below what Django refuses to lead to; it measures the address as it is sent.
NEXT_LENGTH = 2_048
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@method_decorator(login_not_required, name="dispatch")
@method_decorator(csrf_protect, name="dispatch")
class PollsPage(TemplateView):
    """The base of every page. A host varies one by a subclass that it routes before the package's own URLs."""

    refused_template_name = "django_polls/refused.html"
    kwargs: dict[str, Any]
    http_method_names = ["get", "post", "head", "options"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Refuse a form in another encoding than UTF-8, which may hold what no page and no database can.

        Where the site logs nobody in, everybody is a guest.
        """
        super().setup(request, *args, **kwargs)
        if not hasattr(request, "user"):
            request.user = AnonymousUser()
        if codecs.lookup(request.encoding or UTF_8).name != UTF_8:
            raise BadRequest("A form is to be in UTF-8.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, and turn a refusal that no view has dealt with into a page that says it."""
        try:
            response = super().dispatch(request, *args, **kwargs)
        except PollNotFound:
            raise Http404 from None
        except AuthenticationRequired:
            return redirect_to_login(self.address_after_login())
        except PollError as refusal:
            response = self.refused(refusal)
        except (OperationalError, InterfaceError) as error:
            if not is_temporary(error):
                raise
            response = self.refused(TryAgain())
        response.headers.setdefault("Cache-Control", PRIVATE)
        return response

    def address_after_login(self) -> str:
        """Return where to go on once logged in: here, or to the poll where there is nothing to see here."""
        poll_id = self.kwargs.get("id")
        is_page = "get" in self.http_method_names or poll_id is None
        return self.request.get_full_path() if is_page else reverse("django_polls:poll-detail", args=[poll_id])

    def refused(self, refusal: PollError) -> TemplateResponse:
        """Return the page that says why something was not done."""
        context = {"refusal": refusal, "poll_id": self.kwargs.get("id")}
        response = TemplateResponse(self.request, self.refused_template_name, context, status=refusal.status)
        for name, value in retry_headers(refusal).items():
            response.headers[name] = value
        return response

    def throttle(self, scope: str) -> None:
        """Count a request of this scope, wherever it came in: pages and API count together. Raises Throttled."""
        if wait := wait_for(self.request, scope):
            raise Throttled(seconds=ceil(wait))

    @property
    def user(self) -> AbstractBaseUser | None:
        """The user who asks, None for a guest."""
        user = self.request.user
        return user if isinstance(user, AbstractBaseUser) and user.is_authenticated else None

    def all_polls(self) -> PollQuerySet:
        """Return all polls with what is shown of them, from the database that is written to where that follows."""
        is_read = self.request.method in SAFE_METHODS
        polls = Poll.objects.using(router.db_for_read(Poll) if is_read else router.db_for_write(Poll))
        return polls.with_clock().select_related("created_by").prefetch_related("options", "groups")

    def get_poll(self) -> Poll:
        """Return the poll of the URL, if it exists for whoever asks. Raises PollNotFound."""
        poll_id: UUID = self.kwargs["id"]
        poll = current_policy().seen_by(self.request.user, self.all_polls()).filter(pk=poll_id).first()
        if poll is None:
            raise PollNotFound
        return poll

    def get_managed_poll(self) -> Poll:
        """Return the poll of the URL to somebody who manages it. Raises PermissionDenied or AuthenticationRequired."""
        poll = self.get_poll()
        if not current_policy().may_manage(self.request.user, poll):
            raise refusal_to(self.request)
        return poll

    def tell(self, sentence: object) -> None:
        """Leave a message for the page that follows, where the site shows messages."""
        messages.success(self.request, str(sentence), fail_silently=True)

    def next_url(self, otherwise: str) -> str:
        """Return where the form came from, if that is on this site and no longer than a redirect may be."""
        url = self.request.POST.get("next", "")
        if len(iri_to_uri(url)) > NEXT_LENGTH:
            return otherwise
        hosts = {self.request.get_host()}
        is_here = url_has_allowed_host_and_scheme(url, hosts, require_https=self.request.is_secure())
        return url if url and is_here else otherwise


def retry_headers(refusal: PollError) -> dict[str, str]:
    """Return when it is worth trying again, for those refusals that time mends."""
    if isinstance(refusal, Throttled):
        return {"Retry-After": str(refusal.params["seconds"])}
    return {"Retry-After": RETRY_AFTER} if isinstance(refusal, Unavailable) else {}


def refusal_to(request: HttpRequest) -> NotPermitted:
    """Return what is said to somebody who may not do something: to log in, where that might help."""
    return PermissionDenied() if is_known(request.user) else AuthenticationRequired()


def validated(request: HttpRequest, body: str | bytes, content_type: str | None = None) -> HttpResponse:
    """Return what is asked for with a validator of its own bytes; 304 to whoever has them."""
    content = body.encode() if isinstance(body, str) else body
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    known = {each.removeprefix("W/") for each in parse_etags(request.headers.get("If-None-Match", ""))}
    response = HttpResponseNotModified() if etag in known else HttpResponse(content, content_type)
    response.headers["ETag"] = etag
    return response


def page_answer(response: HttpResponse) -> HttpResponse:
    """Render a lazy response within the view, so that what its template refuses becomes a page too."""
    return response.render() if isinstance(response, TemplateResponse) else response
