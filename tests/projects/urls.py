"""The URLs of the host projects: the admin, and the polls' API where most hosts put it."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("django_polls.api.urls")),
]
