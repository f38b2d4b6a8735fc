"""The pages of the site itself: the start page, and the documentation of the API without a request elsewhere."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

from django_polls.models import Poll
from django_polls.policies import current_policy
from example.security import under

REDOC = "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"
REDOC_LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"

# Both pages build styles as they run; neither runs a script of another origin.
SWAGGER_POLICY = {
    **settings.SECURE_CSP,
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
}
REDOC_POLICY = {**SWAGGER_POLICY, "worker-src": ["blob:"]}


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Show what there is here: the documentation, the logins, and an open poll to try the API with."""
    polls = current_policy().seen_by(request.user, Poll.objects.with_clock())
    simple = {"electorate": "anyone", "guest_identity": "address", "visibility": "always", "method": "single"}
    open_poll = polls.open().filter(**simple).prefetch_related("options").first()
    context = {"poll": open_poll, "debug": settings.DEBUG, "base": request.build_absolute_uri("/").rstrip("/")}
    return render(request, "start.html", context)


@require_safe
def icon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - every view has one
    """Lead browsers to the site's icon, for which they ask on pages that name none, such as the admin's."""
    return redirect(static("example/icon.svg"))


@require_safe
def redoc_script(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - every view has one
    """Serve ReDoc without the logo that it would load from its maker's site."""
    response = HttpResponse(_redoc(), content_type="text/javascript")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@cache
def _redoc() -> str:
    found = finders.find(REDOC)
    assert isinstance(found, str)  # noqa: S101 - the sidecar is installed
    return Path(found).read_text(encoding="utf-8").replace(REDOC_LOGO, "")


swagger = under(SWAGGER_POLICY)(SpectacularSwaggerSplitView.as_view())
redoc = under(REDOC_POLICY)(SpectacularRedocView.as_view())
