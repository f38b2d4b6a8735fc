"""Where the candidates of `vote_path.py` and `pages.py`, and the pages of `analytics.py` answer."""

from django.contrib import admin
from django.urls import include, path

from benchmarks import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("hello/", views.hello),
    path("plain/<uuid:poll_id>/", views.plain_vote),
    path("sketch/<int:poll_id>/", views.SketchedVoteView.as_view()),
    path("api/", include("django_polls.api.urls")),
    path("polls/", include("django_polls.urls")),
]
