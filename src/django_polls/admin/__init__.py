"""The admin: polls change by the verbs alone; votes and outcomes can only be looked at."""

from django_polls.admin.attached import AttachedPollsInline
from django_polls.admin.outcomes import PollOutcomeAdmin
from django_polls.admin.polls import PollAdmin
from django_polls.admin.votes import VoteAdmin

__all__ = ["AttachedPollsInline", "PollAdmin", "PollOutcomeAdmin", "VoteAdmin"]
