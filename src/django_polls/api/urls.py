"""The API's URLs, for a host to include wherever it likes."""

from django.urls import path

from django_polls.api import views

app_name = "django_polls_api"

# An id is any text here: one that is no poll's gets the answer of an unknown poll, not a page of the host's.
ENDPOINTS = {
    "poll-list": ("polls/", views.PollListView),
    "poll-detail": ("polls/<str:id>/", views.PollDetailView),
    "poll-vote": ("polls/<str:id>/vote/", views.VoteView),
    "poll-results": ("polls/<str:id>/results/", views.ResultsView),
    "poll-comparison": ("polls/<str:id>/results/comparison/", views.ComparisonView),
    "poll-open": ("polls/<str:id>/open/", views.OpenView),
    "poll-close": ("polls/<str:id>/close/", views.CloseView),
    "poll-copy": ("polls/<str:id>/copy/", views.CopyView),
}

urlpatterns = [
    *(path(route, view.as_view(), name=name) for name, (route, view) in ENDPOINTS.items()),
    # Without the last slash Django would answer a vote by a redirect, which drops it, or by an error page.
    *(path(route.removesuffix("/"), view.as_view(schema=None)) for route, view in ENDPOINTS.values()),
]
