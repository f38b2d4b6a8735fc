"""The polls' pages as the club shows them."""

from typing import Any

from django_polls.display.polls import ShownPoll
from django_polls.exceptions import PollError
from django_polls.forms.papers import Filled
from django_polls.views.voting import PollDetailView, VoteView


class MeetingMixin:
    def shown(self, shown: ShownPoll, filled: Filled | None, refusal: PollError | None) -> dict[str, Any]:
        """Add the meeting at which the poll is discussed to what the page is about."""
        context: dict[str, Any] = super().shown(shown, filled, refusal)  # type: ignore[misc]
        return context | {"meeting": shown.poll.metadata.get("meeting", "")}


class ClubPollPage(MeetingMixin, PollDetailView):
    template_name = "club/poll.html"


class ClubVoteView(MeetingMixin, VoteView):
    template_name = "club/poll.html"
