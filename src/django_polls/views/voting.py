"""The page of a poll with its voting paper, and what becomes of the paper."""

from typing import Any

from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from django_polls.display.polls import ShownPoll, shown_to
from django_polls.display.results import results_shown
from django_polls.exceptions import PollChanged, PollError
from django_polls.forms.papers import REVISION, Filled, Paper, ballot_on, filled_in, revision_on
from django_polls.identity import draw_token, hand_out_token, voter_of
from django_polls.models import Poll, Vote
from django_polls.models.polls import GuestIdentity
from django_polls.policies import is_known
from django_polls.throttles import wait_for
from django_polls.views.base import PollsPage, page_answer, retry_headers
from django_polls.voting import poll_for_voting, refusals_announced, replace_vote, withdraw_vote


class PollDetailView(PollsPage):
    """A poll: its voting paper for whoever may vote, its results for whoever may see them."""

    template_name = "django_polls/poll_detail.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the poll, and give a guest who votes by a token the token."""
        return self.page(self.get_poll())

    def page(self, poll: Poll, filled: Filled | None = None, refusal: PollError | None = None) -> HttpResponse:
        """Return the page, with a paper as it was filled in and why it was refused, if it was."""
        is_by_token = poll.guest_identity == GuestIdentity.COOKIE and poll.takes_guests
        is_guest = is_by_token and not is_known(self.request.user)
        if is_guest:
            draw_token(self.request)
        shown = shown_to(self.request, poll)
        context = self.get_context_data(**self.shown(shown, filled, refusal))
        response = self.render_to_response(context, status=refusal.status if refusal else 200)
        for name, value in retry_headers(refusal).items() if refusal else ():
            response.headers[name] = value
        if is_guest:
            hand_out_token(self.request, response)
        return page_answer(response)

    def shown(self, shown: ShownPoll, filled: Filled | None, refusal: PollError | None) -> dict[str, Any]:
        """Return what the page is about."""
        return {
            "poll": shown.poll,
            "shown": shown,
            "paper": Paper(shown, filled, refusal) if shown.may_vote else None,
            "results": results_shown(shown),
            "refusal": refusal,
            "next": self.next_url(reverse("django_polls:poll-detail", args=[shown.poll.pk])),
        }


class VotersAct(PollsPage):
    """What a voter does, outside of any ATOMIC_REQUESTS: it is acknowledged once it is committed."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:  # noqa: ANN401  as Django has it
        """Return the view with the mark by which Django opens no transaction for it."""
        view = super().as_view(**initkwargs)
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view


class VoteView(VotersAct, PollDetailView):
    """A voting paper that comes back: cast, or shown again with what is wrong."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead whoever comes back here by hand to the poll."""
        return HttpResponseRedirect(reverse("django_polls:poll-detail", args=[self.kwargs["id"]]))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Cast or change the vote. The same paper again is no mistake: its sender has clicked twice."""
        filled: Filled | None = None
        try:
            poll = self.get_known_poll()
            filled = filled_in(request.POST, poll)
            self.cast(poll, filled)
        except PollError as refusal:
            if filled is None:
                # It counts all the same: nobody learns by their limit that there is a poll that they may not see.
                wait_for(request, "vote")
            # Never a filled-in paper on options that are no longer those that it was filled in for.
            again = None if isinstance(refusal, PollChanged) else filled
            return self.page(self.get_poll(), again, refusal)
        self.tell(_("Your vote is counted."))
        return HttpResponseRedirect(self.next_url(reverse("django_polls:poll-detail", args=[poll.pk])))

    def get_known_poll(self) -> Poll:
        """Return this process's copy of the poll, if it is of the revision that the paper is for, else a fresh one."""
        poll = poll_for_voting(self.kwargs["id"])
        if self.request.POST.get(REVISION) == str(poll.revision):
            return poll
        return poll_for_voting(poll.pk, fresh=True)

    def cast(self, poll: Poll, filled: Filled) -> Vote:
        """Cast the ballot on a paper. Raises PollError, PollNotFound where the poll does not exist for the voter."""
        self.throttle("vote")
        with refusals_announced(poll):
            voter = voter_of(self.request, poll)
            revision, ballot = revision_on(filled), ballot_on(filled, poll)
        return replace_vote(poll, voter, ballot, revision=revision, reason=filled.reason)


class WithdrawView(VotersAct):
    """The withdrawal of a vote."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Withdraw the asker's vote."""
        self.throttle("vote")
        poll = self.get_poll()
        with refusals_announced(poll):
            voter = voter_of(request, poll)
        withdraw_vote(poll, voter)
        self.tell(_("Your vote is withdrawn."))
        return HttpResponseRedirect(self.next_url(reverse("django_polls:poll-detail", args=[poll.pk])))
