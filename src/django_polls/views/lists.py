"""The list of polls, by where they stand and by what they have to do with whoever asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import router
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_polls.conf import conf
from django_polls.display.figures import votes_told
from django_polls.display.times import When, when
from django_polls.exceptions import AuthenticationRequired
from django_polls.identity import viewer_of
from django_polls.models import Poll
from django_polls.models.polls import SEARCH_LENGTH, SEARCH_TERMS, PollQuerySet, Status
from django_polls.policies import current_policy
from django_polls.results import polls_voted_in, visible_votes
from django_polls.views.base import PollsPage
from django_polls.voting import polls_awaiting

MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the lists there are."""

    key: str
    label: str | Promise
    is_own: bool = False


TABS = (
    Tab("open", pgettext_lazy("list of polls", "Open")),
    Tab("upcoming", _("Upcoming")),
    Tab("closed", pgettext_lazy("list of polls", "Closed")),
    Tab("needs-my-vote", _("Needs my vote"), is_own=True),
    Tab("mine", _("Mine"), is_own=True),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One poll of a list, ready to be written. `votes` is empty where the viewer may not see how many there are."""

    poll: Poll
    url: str
    status: Status
    when: When
    votes: str
    has_voted: bool


class PollListView(PollsPage):
    """One page of one of the lists. It counts no pages: that would cost a query that grows with the polls."""

    template_name = "django_polls/poll_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the polls of the page with what this viewer is shown of each."""
        tab, words, page = self._asked()
        polls = self.get_polls(tab, words)
        first = (page - 1) * conf.page_size
        found = list(polls[first : first + conf.page_size + 1])
        shown = found[: conf.page_size]
        tabs = [each for each in TABS if self.user or not each.is_own]
        query = {"list": tab.key} | ({"q": " ".join(words)} if words else {})
        context = {
            "tab": tab,
            "tabs": tabs,
            "search": " ".join(words),
            "items": self.get_items(shown),
            "query": urlencode(query),
            "page": page,
            "previous_page": page - 1,
            "next_page": page + 1 if len(found) > len(shown) else None,
            "may_create": current_policy().may_create(self.request.user),
        }
        return super().get_context_data(**context, **kwargs)

    def _asked(self) -> tuple[Tab, Sequence[str], int]:
        """Return the list, the words looked for and the page; whatever cannot be read of them is ignored."""
        query = self.request.GET
        tab = next((each for each in TABS if each.key == query.get("list")), TABS[0])
        words = query.get("q", "").replace("\x00", "")[:SEARCH_LENGTH].split()[:SEARCH_TERMS]
        digits = query.get("page", "")
        page = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < len(str(MOST_PAGES)) else 1
        return tab, [word.encode(errors="replace").decode() for word in words], max(page, 1)

    def get_polls(self, tab: Tab, words: Sequence[str]) -> PollQuerySet:
        """Return the polls of a list that exist for whoever asks. Raises AuthenticationRequired."""
        if tab.is_own and self.user is None:
            raise AuthenticationRequired
        seen = current_policy().seen_by(self.request.user, self._listed())
        return self._in_tab(tab, seen).matching(words)

    def _listed(self) -> PollQuerySet:
        # Neither options nor groups: an item shows none of them.
        return Poll.objects.using(router.db_for_read(Poll)).with_clock()

    def _in_tab(self, tab: Tab, polls: PollQuerySet) -> PollQuerySet:
        if tab.key == "needs-my-vote" and self.user is not None:
            return polls_awaiting(self.user, polls)
        if tab.key == "mine" and self.user is not None:
            return polls.filter(created_by=self.user.pk)
        if tab.key == "upcoming":
            return polls.scheduled()
        return polls.closed() if tab.key == "closed" else polls.open()

    def get_items(self, polls: Sequence[Poll]) -> Sequence[Item]:
        """Return what the viewer is shown of each poll, in three statements for any number."""
        viewers = {poll: viewer_of(self.request, poll) for poll in polls}
        votes, voted = visible_votes(viewers), polls_voted_in(viewers)
        return [self.get_item(poll, votes.get(poll.pk), has_voted=poll.pk in voted) for poll in polls]

    def get_item(self, poll: Poll, votes: int | None, *, has_voted: bool) -> Item:
        """Return one poll of the list."""
        url, status = reverse("django_polls:poll-detail", args=[poll.pk]), poll.status
        return Item(poll, url, status, when(poll, status), "" if votes is None else votes_told(votes), has_voted)
