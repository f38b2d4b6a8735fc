"""The URLs of the host projects: the admin, and the polls' pages and API where most hosts put them."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("polls/", include("django_polls.urls")),
    path("api/", include("django_polls.api.urls")),
]
