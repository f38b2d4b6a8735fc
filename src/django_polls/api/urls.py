"""The API's URLs, for a host to include wherever it likes."""

from django.urls import path

from django_polls.api import views

app_name = "django_polls_api"

# An id is any text here: one that is no poll's gets the answer of an unknown poll, not a page of the host's.
urlpatterns = [
    path("polls/", views.PollListView.as_view(), name="poll-list"),
    path("polls/<str:id>/", views.PollDetailView.as_view(), name="poll-detail"),
    path("polls/<str:id>/vote/", views.VoteView.as_view(), name="poll-vote"),
    path("polls/<str:id>/results/", views.ResultsView.as_view(), name="poll-results"),
    path("polls/<str:id>/open/", views.OpenView.as_view(), name="poll-open"),
    path("polls/<str:id>/close/", views.CloseView.as_view(), name="poll-close"),
    path("polls/<str:id>/copy/", views.CopyView.as_view(), name="poll-copy"),
]
