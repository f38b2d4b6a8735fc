"""The results of a poll as a page, as the piece of it that renews itself, and the names of who has voted."""

from typing import Any

from django.core.paginator import Paginator
from django.db import router
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from django_polls.display.polls import shown_to
from django_polls.display.results import results_shown
from django_polls.exceptions import PollNotClosed, ResultsHidden
from django_polls.identity import viewer_of
from django_polls.models import Poll, Vote
from django_polls.models.polls import Status
from django_polls.policies import current_policy
from django_polls.results import results_visible_to
from django_polls.views.base import PollsPage, validated

REVALIDATED = "private, no-cache"
NAMES_PER_PAGE = 100


class ResultsView(PollsPage):
    """The results at length: every figure, round and comparison, and what they mean in sentences."""

    template_name = "django_polls/poll_results.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the poll and what this viewer is shown of its results."""
        shown = shown_to(self.request, self.get_poll())
        return super().get_context_data(poll=shown.poll, shown=shown, results=results_shown(shown), **kwargs)


class ResultsPieceView(PollsPage):
    """The results as the piece of a page that asks again while the poll is open; 304 to whoever has them."""

    template_name = "django_polls/partials/results.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the piece with a validator of its own bytes."""
        shown = shown_to(request, self.get_poll())
        context = self.get_context_data(poll=shown.poll, shown=shown, results=results_shown(shown))
        piece = render_to_string(self.template_name, context, request)
        response = validated(request, piece)
        response.headers["Cache-Control"] = REVALIDATED
        patch_vary_headers(response, ("Cookie", "Accept-Language"))
        # By this the page knows when to ask no more.
        response.headers["X-Poll-Status"] = shown.status.value
        return response


class VotersView(PollsPage):
    """Who has voted, by name and never for what, where the poll says that voters are named."""

    template_name = "django_polls/poll_voters.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return a page of names. Raises ResultsHidden to whoever may not see how many voted, and PollNotClosed.

        While votes come in, a new name and a new figure would tell together what somebody voted for.
        """
        poll = self.get_poll()
        if poll.shows_voters and poll.status != Status.CLOSED:
            raise PollNotClosed
        if not (poll.shows_voters and results_visible_to(viewer_of(self.request, poll), poll)):
            raise ResultsHidden
        named, nameless = self.names(poll)
        page = Paginator(named, NAMES_PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(poll=poll, page=page, nameless=nameless, **kwargs)

    def names(self, poll: Poll) -> tuple[list[str], int]:
        """Return the names of the poll's voters in the order of the alphabet, and how many have none to show.

        Guests have none, nor those to whom the site's policy gives none. Never by time: that would tell who was first.
        """
        policy = current_policy()
        votes = Vote.objects.using(router.db_for_read(Vote)).filter(poll=poll)
        # Of guests the number is enough: there may be a million of them.
        users = votes.filter(voter__isnull=False).select_related("voter")
        names = [policy.display_name(vote.voter) for vote in users if vote.voter]
        return sorted(filter(None, names), key=str.casefold), votes.filter(voter=None).count() + names.count("")
