"""The tables: polls with their options, and the votes on them."""

from django_polls.models.polls import Poll, PollOption, PollOutcome
from django_polls.models.votes import Ballot, LedgerEntry, Mark, Vote, VoteReason

__all__ = ["Ballot", "LedgerEntry", "Mark", "Poll", "PollOption", "PollOutcome", "Vote", "VoteReason"]
