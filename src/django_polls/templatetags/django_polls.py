"""The tags by which a host's templates show polls, and those that the package's own templates are made of.

`{% load django_polls %}`, then `{% poll article.poll %}`, `{% poll_results article.poll %}`,
`{% polls_open limit=5 %}` and, once a page, `{% polls_assets %}` in its head. They need the request in the context.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import template
from django.contrib.auth.views import redirect_to_login
from django.db import router
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from django_polls.display.ballots import own_marks as marks_of
from django_polls.display.ballots import own_word as word_of
from django_polls.display.metadata import metadata_of
from django_polls.display.polls import ShownPoll, shown_to
from django_polls.display.results import results_shown
from django_polls.display.times import When, when
from django_polls.exceptions import PollNotFound
from django_polls.forms.papers import Paper
from django_polls.models import Poll, PollOption
from django_polls.models.polls import PollQuerySet, Status
from django_polls.policies import current_policy

register = template.Library()

MOST_LISTED = 100


@register.inclusion_tag("django_polls/tags/poll.html", takes_context=True)
def poll(context: template.Context, which: Poll | UUID | str | None) -> Mapping[str, Any]:
    """Show a poll, given itself or its id: its voting paper and its results, as whoever looks may see them.

    Nothing is shown of a poll that does not exist for them. The paper leads back to the page that it stands on.
    """
    return _context(context, which)


@register.inclusion_tag("django_polls/tags/poll_results.html", takes_context=True)
def poll_results(context: template.Context, which: Poll | UUID | str | None) -> Mapping[str, Any]:
    """Show the results of a poll, or why they are hidden."""
    return _context(context, which)


@register.inclusion_tag("django_polls/tags/polls_open.html", takes_context=True)
def polls_open(context: template.Context, limit: int = 5) -> Mapping[str, Any]:
    """List the newest open polls, with links to them."""
    user = getattr(context.get("request"), "user", None)
    newest = current_policy().seen_by(user, _polls()).open()[: max(0, min(limit, MOST_LISTED))]
    return {"polls": [(each, each.status) for each in newest]}


@register.inclusion_tag("django_polls/tags/polls_assets.html")
def polls_assets() -> Mapping[str, Any]:
    """Link the style sheet and the script that the tags' HTML is made for."""
    return {}


@register.inclusion_tag("django_polls/partials/metadata.html", takes_context=True)
def poll_metadata(context: template.Context, poll: Poll) -> Mapping[str, Any]:
    """Tell other sites what to show of a link to this page, in its head; nothing of a poll that is not public."""
    request: HttpRequest | None = context.get("request")
    return {"metadata": request and metadata_of(request, poll)}


@register.simple_tag(takes_context=True)
def attached_polls(context: template.Context, thing: Model) -> Sequence[Poll]:
    """Return the polls that an object of the host's carries, newest first, as far as they exist for whoever looks."""
    user = getattr(context.get("request"), "user", None)
    return list(current_policy().seen_by(user, _polls().attached_to(thing)))


def _polls() -> PollQuerySet:
    return Poll.objects.using(router.db_for_read(Poll)).with_clock()


def _context(context: template.Context, which: Poll | UUID | str | None) -> Mapping[str, Any]:
    """Return what the tags of one poll show."""
    request: HttpRequest | None = context.get("request")
    shown = None if request is None else _shown(request, which)
    if request is None or shown is None:
        return {"shown": None}
    # Django's page cache tells people apart by headers, and guests may be their addresses: this is for nobody else.
    vars(request)["_cache_update_cache"] = False
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "poll": shown.poll,
        "shown": shown,
        "paper": Paper(shown) if shown.may_vote else None,
        "results": results_shown(shown),
        "next": request.get_full_path(),
    }


def _shown(request: HttpRequest, which: Poll | UUID | str | None) -> ShownPoll | None:
    key = which.pk if isinstance(which, Poll) else which
    try:
        poll = _polls().prefetch_related("options", "groups").filter(pk=UUID(str(key))).first()
        return shown_to(request, poll) if poll else None
    except (ValueError, PollNotFound):
        return None


@register.simple_tag
def poll_when(poll: Poll, status: Status) -> When:
    """Return when a poll opens, closes or was closed, for `partials/when.html`."""
    return when(poll, status)


@register.simple_tag
def own_word(shown: ShownPoll) -> str:
    """Return what the viewer's own vote says that marks no option."""
    return word_of(shown.ballot)


@register.simple_tag
def own_marks(shown: ShownPoll) -> Sequence[tuple[PollOption, str]]:
    """Return the options that the viewer's own vote marks, with the place or the score that it gives them."""
    marks, ballot = marks_of(shown.ballot, shown.poll), shown.ballot
    plain = ballot is not None and all(mark.rank is None and mark.score is None for mark in ballot.marks)
    return [(option, "" if plain else marks[option.pk]) for option in shown.poll.options.all() if option.pk in marks]


@register.simple_tag
def login_link(after: str) -> str:
    """Return the address at which to log in, and come back from there."""
    return redirect_to_login(after or reverse("django_polls:poll-list")).url
