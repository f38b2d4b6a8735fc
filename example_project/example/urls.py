"""The URLs of the example site."""

from allauth.headless.account.views import LoginView as TokenLoginView
from allauth.headless.account.views import SessionView
from allauth.headless.constants import Client
from allauth.headless.tokens.views import RefreshTokenView
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from example import pages

# Of allauth's calls these alone: there is no signing up here, since who makes accounts at will could vote with each,
# and the others would send mail.
tokens = [
    path("auth/login", TokenLoginView.as_api_view(client=Client.APP), name="token_login"),
    path("auth/session", SessionView.as_api_view(client=Client.APP), name="token_session"),
    path("tokens/refresh", RefreshTokenView.as_api_view(client=Client.APP), name="token_refresh"),
]

urlpatterns = [
    path("", pages.start, name="start"),
    path("favicon.ico", pages.icon),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("polls/", include("django_polls.urls")),
    path("api/", include("django_polls.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", pages.swagger, name="docs"),
    path("api/redoc/", pages.redoc, name="redoc"),
    path("api/redoc/redoc.js", pages.redoc_script, name="redoc_script"),
    path("_allauth/app/v1/", include(tokens)),
]
