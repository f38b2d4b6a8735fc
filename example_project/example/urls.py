"""The URLs of the example site."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from example import pages

urlpatterns = [
    path("", pages.start, name="start"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("api/", include("django_polls.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", pages.swagger, name="docs"),
    path("api/redoc/", pages.redoc, name="redoc"),
    path("api/redoc/redoc.js", pages.redoc_script, name="redoc_script"),
    path("_allauth/", include("allauth.headless.urls")),
]
