"""What a manager does with a poll: open, close, copy and delete it, each with what it will do said first."""

from abc import ABC, abstractmethod
from typing import Any

from django.db import router
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from django_polls import lifecycle
from django_polls.exceptions import InvalidPoll, PollError
from django_polls.models import Poll, Vote
from django_polls.models.polls import Status
from django_polls.policies import current_policy
from django_polls.views.base import PollsPage, refusal_to

REASON = "reason"


class PollManageView(PollsPage):
    """The page with a poll's verbs."""

    template_name = "django_polls/poll_manage.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show what can be done with the poll as it stands."""
        return self.page(self.get_managed_poll())

    def page(self, poll: Poll, refusal: PollError | None = None) -> HttpResponse:
        """Return the page, with why something was refused, if it was."""
        policy, user = current_policy(), self.request.user
        context = self.get_context_data(
            poll=poll,
            status=poll.status,
            has_votes=poll.votes.using(router.db_for_read(Vote)).exists(),
            may_open=poll.status in {Status.DRAFT, Status.SCHEDULED},
            may_close=poll.status in {Status.SCHEDULED, Status.OPEN},
            may_copy=policy.may_create(user),
            may_delete=policy.may_delete(user, poll),
            reason=self.request.POST.get(REASON, ""),
            refusal=sentences_of(refusal) if isinstance(refusal, InvalidPoll) else refusal,
        )
        return self.render_to_response(context, status=refusal.status if refusal else 200)


def sentences_of(refusal: InvalidPoll) -> str:
    """Return what is wrong with a poll, or with the reason for its close."""
    return " ".join(str(sentence) for sentences in refusal.errors.values() for sentence in sentences)


class VerbView(PollManageView, ABC):
    """One verb, by a button of that page; refused, the page says why."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do it."""
        poll = self.get_target()
        try:
            return HttpResponseRedirect(self.do(poll))
        except PollError as refusal:
            poll = self.get_poll()
            if not current_policy().may_manage(request.user, poll):
                raise
            return self.page(poll, refusal)

    def get_target(self) -> Poll:
        """Return the poll, to whoever may do this to it. Raises NotPermitted."""
        return self.get_managed_poll()

    @abstractmethod
    def do(self, poll: Poll) -> str:
        """Do it, and return the address of the page to go on to. Raises PollError."""


def _manage_page(poll: Poll) -> str:
    return reverse("django_polls:poll-manage", args=[poll.pk])


class PollOpenView(VerbView):
    """The opening of a draft or of a scheduled poll, now."""

    def do(self, poll: Poll) -> str:
        """Open the poll."""
        lifecycle.open_poll(poll)
        self.tell(_("The poll is open for votes."))
        return _manage_page(poll)


class PollCloseView(VerbView):
    """The close of a poll, for good."""

    def do(self, poll: Poll) -> str:
        """Close the poll, with the reason that was given."""
        lifecycle.close_poll(poll, closed_by=self.user, reason=self.request.POST.get(REASON, ""))
        self.tell(_("The poll is closed."))
        return _manage_page(poll)


class PollCopyView(VerbView):
    """A draft with the poll's definition."""

    def get_target(self) -> Poll:
        """Return the poll, to whoever manages it and may create polls."""
        if not current_policy().may_create(self.request.user):
            raise refusal_to(self.request)
        return super().get_target()

    def do(self, poll: Poll) -> str:
        """Copy the poll, and go on to the copy."""
        self.throttle("create")
        copy = lifecycle.copy_poll(poll, created_by=self.user)
        self.tell(_("This is a copy of the poll, as a draft."))
        return reverse("django_polls:poll-edit", args=[copy.pk])


class PollDeleteView(VerbView):
    """The deletion of a poll, with its votes only where the page had said that there are some."""

    def get_target(self) -> Poll:
        """Return the poll, to whoever may delete it."""
        poll = self.get_poll()
        if not current_policy().may_delete(self.request.user, poll):
            raise refusal_to(self.request)
        return poll

    def do(self, poll: Poll) -> str:
        """Delete the poll."""
        lifecycle.delete_poll(poll, with_votes=self.request.POST.get("votes") == "on")
        self.tell(_("The poll is deleted."))
        return reverse("django_polls:poll-list")
