"""Every page that the package has, in the states that look different, and who looks at it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.urls import reverse

from django_polls.lifecycle import OptionDraft, PollDraft, close_poll, create_poll
from django_polls.models import Poll

GUEST, MAYA, JONAS = "", "demo_maya", "demo_jonas"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its path, who looks at it, and what is sent to it where it is not just asked for."""

    path: Callable[[], str]
    user: str = GUEST
    sent: Mapping[str, str] = field(default_factory=dict)


def _path(path: str) -> Callable[[], str]:
    return lambda: path


def of_poll(name: str, title: str, **fields: object) -> Callable[[], str]:
    """Return what finds a page of the demo poll whose title begins so."""
    return lambda: reverse(f"django_polls:poll-{name}", args=[Poll.objects.get(title__startswith=title, **fields).pk])


def named_voters() -> str:
    """Return the page of who has voted in a poll of that kind, which the demo has none of."""
    poll, is_new = Poll.objects.get_or_create(title="Who comes along?", shows_voters=True)
    if is_new:
        close_poll(poll)
    return reverse("django_polls:poll-voters", args=[poll.pk])


def long_words(name: str, method: str) -> Callable[[], str]:
    """Return what finds a page of a poll in whose texts no line can break."""

    def path() -> str:
        title = f"{method}{'W' * 180}"
        poll = Poll.objects.filter(title=title).first() or create_poll(
            PollDraft(
                {"title": title, "description": "D" * 500, "correction": "C" * 500, "method": method},
                [OptionDraft("A" * 300), OptionDraft("B" * 300)],
            ),
            created_by=get_user_model()._default_manager.get(username=MAYA),
        )
        return reverse(f"django_polls:poll-{name}", args=[poll.pk])

    return path


# Of each kind of mistake one: in a field, in a group of boxes, and in a line of the options.
REFUSED_POLL = {
    "method": "score",
    "time_zone": "Nowhere",
    "groups": "0",
    "options-TOTAL_FORMS": "2",
    "options-INITIAL_FORMS": "0",
    "options-0-text": "O" * 501,
}
BALLOTS = {
    "single": "Where do we have lunch",
    "approval": "What should the next meetup",
    "ranked": "Where does the autumn trip",
    "grades": "How good a name",
    "stars": "Which film opens",
    "dots": "How do we spend",
    "yes_no": "Proposal: the choir",
}
CLOSED = {
    "single": "Which logo",
    "approval": "Which trees",
    "stv": "Who sits on",
}
PAGES = {
    "list": Page(_path("/polls/")),
    "list-of-user": Page(_path("/polls/?list=needs-my-vote"), MAYA),
    "list-mine": Page(_path("/polls/?list=mine"), MAYA),
    "list-closed": Page(_path("/polls/?list=closed")),
    "list-empty": Page(_path("/polls/?list=upcoming&q=nowhere")),
    **{f"ballot-{name}": Page(of_poll("detail", title)) for name, title in BALLOTS.items()},
    "ballot-of-users": Page(of_poll("detail", "Which days suit")),
    "ballot-with-places": Page(of_poll("detail", "Who takes which shift"), MAYA),
    "hidden-until-close": Page(of_poll("detail", "Should the car park")),
    "hidden-from-guests": Page(of_poll("detail", "How do you like")),
    "scheduled": Page(of_poll("detail", "What shall the next")),
    "draft": Page(of_poll("detail", "What do we do"), MAYA),
    **{f"closed-{name}": Page(of_poll("detail", title)) for name, title in CLOSED.items()},
    "results-open": Page(of_poll("results", "Where does the autumn trip")),
    "results-closed": Page(of_poll("results", "Who sits on")),
    "embed-open": Page(of_poll("embed", "Where does the autumn trip")),
    "embed-hidden": Page(of_poll("embed", "Should the car park")),
    "embed-closed": Page(of_poll("embed", "Which trees")),
    "voters": Page(named_voters),
    "create": Page(_path("/polls/new/"), MAYA),
    "create-refused": Page(_path("/polls/new/"), MAYA, REFUSED_POLL),
    "edit-draft": Page(of_poll("edit", "What do we do"), MAYA),
    "edit-with-votes": Page(of_poll("edit", "Where does the autumn trip"), MAYA),
    "manage": Page(of_poll("manage", "Where do we have lunch"), MAYA),
    "manage-closed": Page(of_poll("manage", "Which trees"), MAYA),
    "vote-refused": Page(of_poll("vote", "How do we spend"), GUEST, {"revision": "1"}),
    "long-words": Page(long_words("detail", "approval")),
    "long-words-ranked": Page(long_words("detail", "ranked")),
    "long-words-scored": Page(long_words("detail", "score")),
    "long-words-results": Page(long_words("results", "approval")),
    "long-words-edit": Page(long_words("edit", "approval"), MAYA),
    "long-words-manage": Page(long_words("manage", "approval"), MAYA),
    "refused": Page(of_poll("voters", "Where do we have lunch")),
}
