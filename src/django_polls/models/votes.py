"""The votes, and what is counted: only the verbs write to these tables."""

import secrets
from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import BigIntegerField, DecimalField, F, OuterRef, Q, Subquery, Sum, TextField, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast, Coalesce, Length, NullIf
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from django_polls.models.constraints import CompositeForeignKey, PartialIndex
from django_polls.models.counting import REASON_LENGTH
from django_polls.models.options import PollOption
from django_polls.models.polls import Poll


def random_ballot_id() -> int:
    """Return 63 random bits: a sequence would tell which ballot was first."""
    return secrets.randbits(63)


def votes_of_ballot(ballot: str = "") -> CombinedExpression:
    """Return the number of votes of a ballot as an expression: exact at the instant of its statement, compacted or not.

    `ballot` is the path to the ballot with its `__`, nothing on the ballot itself. It never reads a vote.
    """
    pending = LedgerEntry.objects.filter(ballot=OuterRef(f"{ballot}id")).order_by().values("ballot")
    return F(f"{ballot}counted") + Coalesce(Subquery(pending.values(pending=Sum("delta"))), 0)


CountedRow = tuple[int, str, int, Decimal | None]
"""A ballot's id, its body, its number of votes, and what each of them weighs, None for 1."""


# A database gives a null more cheaply than a decimal, and nearly all votes weigh 1.
OTHER_WEIGHT = NullIf(F("weight"), Value(Decimal(1)))


class BallotQuerySet(models.QuerySet["Ballot"]):
    """Ballots with their number of votes."""

    def counted_ballots(self) -> Iterable[tuple[UUID, str, int, Decimal | None]]:
        """Return poll, body, votes and weight, None for 1, of each ballot.

        By one statement, whose cost grows with these ballots alone.
        """
        counted = self.annotate(vote_count=votes_of_ballot(), heavier=OTHER_WEIGHT)
        return counted.values_list("poll_id", "body", "vote_count", "heavier")

    def other_weights(self) -> list[Decimal]:
        """Return the weights of these ballots that are not 1."""
        return list(self.order_by().exclude(weight=1).values_list("weight", flat=True).distinct())

    def counted_rows(self) -> list[CountedRow]:
        """Return the ballots with their votes, by one statement made for a great many of them."""
        ballots = self.order_by()
        # The second half has no bodies, by which it is told apart from the first.
        pending = (
            LedgerEntry.objects.using(self.db).filter(ballot__in=ballots.values("pk")).order_by().values("ballot_id")
        )
        sums = pending.annotate(
            body=Value(None, TextField()),
            votes=Cast(Sum("delta"), BigIntegerField()),
            heavier=Value(None, DecimalField(max_digits=19, decimal_places=6)),
        )
        halves = (
            ballots.annotate(heavier=OTHER_WEIGHT)
            .values_list("id", "body", "counted", "heavier")
            .union(sums.values_list("ballot_id", "body", "votes", "heavier"), all=True)
        )
        rows: list[tuple[int, str | None, int, Decimal | None]] = list(halves)
        added = {ballot_id: votes for ballot_id, body, votes, _weight in rows if body is None}
        return [
            (ballot_id, body, votes + added.get(ballot_id, 0), weight)
            for ballot_id, body, votes, weight in rows
            if body is not None
        ]


class Ballot(models.Model):
    """One distinct way to fill in a poll's voting paper, stored once however many voters choose it.

    `body` is the canonical text of its marks and `key` its SHA-256 in hexadecimal digits. Its number of votes is
    `counted` plus the sum of its ledger.
    """

    id = models.BigIntegerField(primary_key=True, default=random_ballot_id, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="ballots", db_index=False)
    key = models.CharField(max_length=64, editable=False)
    weight = models.DecimalField(max_digits=19, decimal_places=6, default=Decimal(1), editable=False)
    body = models.TextField(editable=False)
    counted = models.BigIntegerField(default=0, editable=False)

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = (
            models.UniqueConstraint(fields=("poll", "key", "weight"), name="django_polls_ballot_once"),
            models.UniqueConstraint(fields=("poll", "id"), name="django_polls_ballot_of_poll"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="django_polls_ballot_weight"),
        )

    def __str__(self) -> str:
        return self.body


class MarkQuerySet(models.QuerySet["Mark"]):
    """Marks, and the votes behind them."""

    def vote_total(self) -> int:
        """Return how many votes the ballots of these marks have: first preferences only, where there are ranks."""
        first = self.filter(Q(rank=None) | Q(rank=1)).annotate(vote_count=votes_of_ballot("ballot__"))
        return int(first.aggregate(total=Coalesce(Sum("vote_count"), 0))["total"])


class Mark(models.Model):
    """One option on a ballot. That both are of the same poll is held by the two composite foreign keys."""

    # The composite keys below do what the database constraints of these three would do.
    poll = models.ForeignKey(Poll, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    ballot = models.ForeignKey(
        Ballot, on_delete=models.CASCADE, related_name="marks", db_index=False, db_constraint=False
    )
    option = models.ForeignKey(PollOption, on_delete=models.RESTRICT, related_name="marks", db_constraint=False)
    rank = models.PositiveSmallIntegerField(null=True, editable=False)
    score = models.DecimalField(max_digits=19, decimal_places=6, null=True, editable=False)

    objects = MarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints = (
            models.UniqueConstraint(fields=("ballot", "option"), name="django_polls_mark_once"),
            models.CheckConstraint(condition=Q(rank=None) | Q(rank__gte=1), name="django_polls_mark_rank"),
            CompositeForeignKey(
                name="django_polls_mark_ballot",
                fields=("poll", "ballot"),
                to="django_polls_ballot",
                to_fields=("poll_id", "id"),
            ),
            CompositeForeignKey(
                name="django_polls_mark_option",
                fields=("poll", "option"),
                to="django_polls_polloption",
                to_fields=("poll_id", "id"),
            ),
        )

    def __str__(self) -> str:
        return str(self.option_id)


class Vote(models.Model):
    """One voter's act in one poll, pointing at a ballot; the database takes one per poll and voter key.

    `voter_key` is 128 bits: a hash of the user's id or of the guest's token, or an HMAC of the guest's address under
    the poll's own key. `ballot` and `cast_at` may be empty, for polls that keep secret who voted what.
    """

    poll = models.ForeignKey(
        Poll, verbose_name=_("poll"), on_delete=models.CASCADE, related_name="votes", db_index=False
    )
    voter_key = models.UUIDField(editable=False)
    voter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("voter"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    # The composite key below does what this one's database constraint would do.
    ballot = models.ForeignKey(
        Ballot,
        null=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="votes",
        db_index=False,
        db_constraint=False,
    )
    cast_at = models.DateTimeField(_("cast at"), null=True, editable=False)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        indexes = (
            # Without it deleting a ballot reads every vote there is.
            models.Index(fields=("ballot",), name="django_polls_vote_ballot"),
            PartialIndex(fields=("voter",), name="django_polls_vote_voter", only=Q(voter__isnull=False)),
        )
        constraints = (
            models.UniqueConstraint(fields=("poll", "voter_key"), name="django_polls_vote_once"),
            CompositeForeignKey(
                name="django_polls_vote_of_poll",
                fields=("poll", "ballot"),
                to="django_polls_ballot",
                to_fields=("poll_id", "id"),
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class VoteReason(models.Model):
    """The reason that a voter gave with a vote on a proposal. It is the voter's own, not part of the shared ballot."""

    vote = models.OneToOneField(Vote, on_delete=models.CASCADE, primary_key=True, related_name="reason")
    text = models.CharField(_("reason"), max_length=REASON_LENGTH, editable=False)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        constraints = (
            models.CheckConstraint(
                condition=Q(~Q(text=""), LessThanOrEqual(Length("text"), REASON_LENGTH)),
                name="django_polls_reason_words",
            ),
        )

    def __str__(self) -> str:
        return self.text


class LedgerEntry(models.Model):
    """A change to the number of votes of a ballot, not yet added into `Ballot.counted`."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="ledger")
    delta = models.SmallIntegerField(editable=False)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = (models.CheckConstraint(condition=Q(delta__in=(-1, 1)), name="django_polls_ledger_delta"),)

    def __str__(self) -> str:
        return f"{self.delta:+d}"
