"""What the list of polls costs beside a bare generic list with the same queries and rows.

python benchmarks/pages.py [--rounds 5] [--requests 100]
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import RequestFactory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a script, this folder alone is on it


from benchmarks import host  # noqa: F401  sets Django up
from benchmarks.figures import ROUNDS, Spread, interleaved, machine, table, verdict
from django_polls.display.times import When
from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft, create_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.polls import Status
from django_polls.views.lists import TABS, Item, PollListView
from django_polls.voting import cast_vote

POLLS = 25
LIMIT = 1.5
BARE = "{% for poll in object_list %}<li><a href='/polls/{{ poll.pk }}/'>{{ poll.title }}</a></li>{% endfor %}"

TEMPLATE = engines["django"].from_string(BARE)
NEVER = When("", None)


class BareList(PollListView):
    """The same rows by the same statements, as the least that a page of them can be."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer by the rows, and by nothing else that the list of the package has."""
        polls = list(self.get_polls(TABS[0], ())[: POLLS + 1])
        self.get_items(polls)
        return HttpResponse(TEMPLATE.render({"object_list": polls}, request))

    def get_item(self, poll: Poll, votes: int | None, *, has_voted: bool) -> Item:
        """Return the row as it is: nothing is written of it."""
        return Item(poll, "", Status.OPEN, NEVER, "", has_voted)


def load() -> None:
    """Make a page of open polls, with a few votes each."""
    for number in range(POLLS):
        draft = PollDraft({"title": f"Poll {number}"}, [OptionDraft(text) for text in "ABCD"])
        poll = create_poll(draft)
        for guest in range(5):
            option = poll.options.all()[guest % 4]
            cast_vote(poll, Voter.from_address(f"192.0.2.{guest}", poll), Ballot.of(option.pk))


def cpu(view: Any, requests: int) -> float:  # noqa: ANN401 - a view
    """Return the CPU time of a request in milliseconds."""
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415 - not before Django is set up

    factory = RequestFactory(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="192.0.2.77")
    started = time.process_time()
    for _ in range(requests):
        request = factory.get("/polls/")
        request.user = AnonymousUser()
        response = view(request)
        assert (response.render() if hasattr(response, "render") else response).status_code == 200
    return (time.process_time() - started) / requests * 1_000


def main() -> None:
    """Print the figures as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--requests", type=int, default=100)
    arguments = parser.parse_args()
    load()
    views = {"bare": BareList.as_view(), "list": PollListView.as_view()}
    for view in views.values():
        cpu(view, 3)
    found: dict[str, list[float]] = {name: [] for name in views}
    for name in interleaved(list(views), arguments.rounds):
        found[name].append(cpu(views[name], arguments.requests))
    bare, full = Spread.of(found["bare"]), Spread.of(found["list"])
    ratio = full.over(bare)
    met = verdict(met=ratio.median <= LIMIT)
    rows = [
        ("a bare generic list", f"{bare:.2f}", ""),
        ("the list of the package", f"{full:.2f}", f"{ratio:.2f}, goal at most {LIMIT}: {met}"),
    ]
    print(f"{machine()}\n")
    print(table((f"a page of {POLLS} polls", "CPU a request (ms)", "ratio"), rows))


if __name__ == "__main__":
    main()
