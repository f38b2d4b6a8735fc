"""The tables: polls with their options, the votes on them, and how many were refused."""

from django_polls.models.options import PollOption
from django_polls.models.outcomes import PollOutcome
from django_polls.models.polls import Poll
from django_polls.models.refusals import RefusedAttempts
from django_polls.models.votes import Ballot, LedgerEntry, Mark, Vote, VoteReason

__all__ = [
    "Ballot",
    "LedgerEntry",
    "Mark",
    "Poll",
    "PollOption",
    "PollOutcome",
    "RefusedAttempts",
    "Vote",
    "VoteReason",
]
