"""The club's URLs: its own views first, so that they answer in place of the package's."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from tests.projects.overrides import pages, views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("polls/<uuid:id>/", pages.ClubPollPage.as_view()),
    path("polls/<uuid:id>/vote/", pages.ClubVoteView.as_view()),
    path("polls/", include("django_polls.urls")),
    path("api/polls/", views.ClubPollListView.as_view()),
    path("api/polls/<str:id>/", views.ClubPollDetailView.as_view()),
    path("api/", include("django_polls.api.urls")),
]
