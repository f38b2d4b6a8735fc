"""What the package tells its host, always after the commit: a receiver can neither fail nor undo a vote.

A receiver runs in the thread that serves the request: hand slow work to a queue. One that raises is logged and ignored.
Every signal's sender is the `Poll` class.
"""

from copy import copy
from functools import partial

from django.db import transaction
from django.db.models import Model
from django.dispatch import Signal

#: A poll's opening was recorded, by `open_poll` or `polls_finalise`. Arguments: poll.
poll_opened = Signal()

#: A poll's close was recorded, by `close_poll` or `polls_finalise`. Arguments: poll.
poll_closed = Signal()

#: The outcome of a closed poll was stored, once and for all. Arguments: poll, outcome (`PollOutcome`).
results_finalised = Signal()

#: A vote was cast. Arguments: poll, vote (`Vote`).
vote_cast = Signal()

#: A vote now points at another ballot. Arguments: poll, vote (`Vote`).
vote_changed = Signal()

#: A vote was withdrawn. Arguments: poll, voter (`Voter`).
vote_withdrawn = Signal()

#: A vote, change or withdrawal was refused. Arguments: poll, voter (`Voter`; None where it cannot be told who it was),
#: code (the refusal's stable code).
vote_refused = Signal()


def announce(signal: Signal, using: str, *, poll: Model, **arguments: object) -> None:
    """Send a signal once the transaction is committed, at once where there is none; whatever its receivers do."""
    if signal.has_listeners(type(poll)):
        # A copy: a receiver may do with it what it likes.
        send = partial(signal.send_robust, sender=type(poll), poll=copy(poll), **arguments)
        transaction.on_commit(send, using=using, robust=True)
