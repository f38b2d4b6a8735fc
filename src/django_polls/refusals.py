"""Counts refused votes by poll, reason and hour, where `DJANGO_POLLS_RECORD_REFUSALS` says so: numbers alone."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, router, transaction
from django.db.models import F
from django.utils import timezone

from django_polls.conf import conf
from django_polls.models import Poll, RefusedAttempts
from django_polls.models.refusals import CODE_LENGTH
from django_polls.transactions import retried

MOST_ROWS = 2_000
"""Of one poll. After so many, only a reason that has none yet gets a row; the others are added to their last one."""


def record(poll: Poll, code: str, **_arguments: object) -> None:
    """Count one refusal; a receiver of `vote_refused`. Who it was is not even read."""
    if conf.record_refusals:
        using = router.db_for_write(RefusedAttempts, instance=poll)
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        retried(lambda: _add(poll.pk, code[:CODE_LENGTH], hour, using), using)


def _add(poll_id: UUID, code: str, hour: datetime, using: str) -> None:
    if _raise(using, poll_id=poll_id, code=code, hour=hour):
        return
    counters = RefusedAttempts.objects.using(using).filter(poll_id=poll_id)
    last = counters.filter(code=code).order_by("-hour").values_list("pk", flat=True).first()
    # A reason that has no row yet gets one all the same: there are few.
    if last is not None and counters.count() >= MOST_ROWS:
        _raise(using, pk=last)
        return
    try:
        with transaction.atomic(using=using):
            RefusedAttempts.objects.using(using).create(poll_id=poll_id, code=code, hour=hour, attempts=1)
    except IntegrityError:
        # Another process was first. Or the poll is gone, and there is nothing to count.
        _raise(using, poll_id=poll_id, code=code, hour=hour)


def _raise(using: str, **counter: object) -> bool:
    """Add one to a counter, and return whether there is one."""
    return bool(RefusedAttempts.objects.using(using).filter(**counter).update(attempts=F("attempts") + 1))
