"""How a poll stands, on its own page: the votes of each option, and what they come to in sentences."""

from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils.translation import gettext

from django_polls.admin.panels import Cell, figure, share
from django_polls.exceptions import PollError
from django_polls.identity import Voter
from django_polls.methods.explanation import explanation
from django_polls.methods.outcomes import Outcome
from django_polls.models import Poll
from django_polls.results import visible_outcome

VIEWER = "django_polls_viewer"
"""Where the page keeps with a poll who looks at it."""


def tally_of(poll: Poll, viewer: Voter | None) -> str:
    """Return the table and the sentences where the viewer may see them, else why not."""
    if poll.is_draft:
        return gettext("Nobody can vote in a draft.")
    try:
        outcome = visible_outcome(viewer, poll)
    except PollError as refusal:
        return str(refusal)
    names = {option.pk: option.text for option in poll.options.all()}
    context = {"rows": rows_of(outcome, names), "sentences": explanation(outcome, names, poll.grade_words)}
    return render_to_string("admin/django_polls/poll/tally.html", context)


def rows_of(outcome: Outcome, names: Mapping[int, str]) -> list[tuple[str, Cell, Cell]]:
    """Return each option with its votes and its share; none where options have no votes of their own."""
    return [
        (names.get(option_id, ""), figure(votes, outcome.base), share(votes, outcome.base))
        for option_id, votes in outcome.option_votes.items()
        if votes is not None
    ]
