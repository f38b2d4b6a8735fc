"""The URLs of the plain host."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("polls/", include("django_polls.urls")),
    path("api/", include("django_polls.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
]
