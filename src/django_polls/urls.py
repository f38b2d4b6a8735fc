"""The pages' URLs, for a host to include wherever it likes."""

from importlib.util import find_spec

from django.urls import path

from django_polls.views import embedding, lists, managing, results, voting, writing

app_name = "django_polls"

urlpatterns = [
    path("", lists.PollListView.as_view(), name="poll-list"),
    path("new/", writing.PollCreateView.as_view(), name="poll-create"),
    path("<uuid:id>/", voting.PollDetailView.as_view(), name="poll-detail"),
    path("<uuid:id>/vote/", voting.VoteView.as_view(), name="poll-vote"),
    path("<uuid:id>/withdraw/", voting.WithdrawView.as_view(), name="poll-withdraw"),
    path("<uuid:id>/results/", results.ResultsView.as_view(), name="poll-results"),
    path("<uuid:id>/results/piece/", results.ResultsPieceView.as_view(), name="poll-results-piece"),
    path("<uuid:id>/voters/", results.VotersView.as_view(), name="poll-voters"),
    path("<uuid:id>/embed/", embedding.EmbedView.as_view(), name="poll-embed"),
    path("<uuid:id>/embed/piece/", embedding.EmbedPieceView.as_view(), name="poll-embed-piece"),
    path("<uuid:id>/preview.svg", embedding.PreviewView.as_view(), name="poll-preview"),
    path("oembed/", embedding.OEmbedView.as_view(), name="poll-oembed"),
    path("<uuid:id>/edit/", writing.PollEditView.as_view(), name="poll-edit"),
    path("<uuid:id>/manage/", managing.PollManageView.as_view(), name="poll-manage"),
    path("<uuid:id>/open/", managing.PollOpenView.as_view(), name="poll-open"),
    path("<uuid:id>/close/", managing.PollCloseView.as_view(), name="poll-close"),
    path("<uuid:id>/copy/", managing.PollCopyView.as_view(), name="poll-copy"),
    path("<uuid:id>/delete/", managing.PollDeleteView.as_view(), name="poll-delete"),
]

# Most sites that show links take no SVG: with Pillow there is a PNG too.
if find_spec("PIL"):
    from django_polls.contrib.pillow.views import PngPreviewView

    urlpatterns += [path("<uuid:id>/preview.png", PngPreviewView.as_view(), name="poll-preview-png")]
