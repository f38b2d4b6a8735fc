"""What of a poll can no longer be edited, and why, for the forms that show it so; `lifecycle` is what refuses it."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_polls.lifecycle import AFTER_CLOSE, AFTER_FIRST_VOTE, BINDING_FIELDS, DEFINITION_FIELDS
from django_polls.models import Poll
from django_polls.models.polls import Status

FREEZE = "freeze"
WRITTEN = DEFINITION_FIELDS | {"groups"}


class Freeze(NamedTuple):
    """The fields of a poll that can no longer change and why; whether its options can, and whether some may be added.

    Of a poll whose options are fixed some may be added all the same, where it accepts that. `stage` names when this was
    so: a form that was made at another one has let people write what is fixed by now.
    """

    fields: frozenset[str] = frozenset()
    reason: str | Promise = ""
    fixes_options: bool = False
    accepts_options: bool = False
    stage: str = ""


def freeze_of(poll: Poll | None) -> Freeze:
    """Return what was fixed in a poll when it was read by `keep_freeze`; nothing in one that is still to be made."""
    return getattr(poll, FREEZE, Freeze())


def keep_freeze(poll: Poll) -> Poll:
    """Note what is fixed in a poll, read with `has_votes`, before a form writes into it."""
    vars(poll)[FREEZE] = _freeze(poll)
    return poll


def _freeze(poll: Poll) -> Freeze:
    if poll.status == Status.CLOSED:
        reason = _("This poll is closed: only a correction may still be added to it.")
        return Freeze(WRITTEN - AFTER_CLOSE, reason, fixes_options=True, stage="closed")
    if getattr(poll, "has_votes", False):
        reason = _("The first vote has fixed what people vote on, and by which rules.")
        accepts_options = poll.accepts_new_options
        return Freeze(WRITTEN - AFTER_FIRST_VOTE, reason, True, accepts_options, stage="voted")  # noqa: FBT003
    if poll.status == Status.OPEN:
        return Freeze(BINDING_FIELDS, _("How votes are counted was fixed when the poll opened."), stage="open")
    return Freeze()
