"""The magazine's URLs: its articles, and the pages of polls."""

from django.contrib import admin
from django.urls import include, path

from tests.projects.articles import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("django_polls.api.urls")),
    path("polls/", include("django_polls.urls")),
    path("articles/<int:pk>/", views.article, name="article"),
]
