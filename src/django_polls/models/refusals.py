"""How often votes were refused, where the site counts it: by poll, reason and hour, and of nobody in particular."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_polls.models.polls import Poll

CODE_LENGTH = 50


class RefusedAttempts(models.Model):
    """How many votes, changes and withdrawals of a poll were refused in an hour, for one reason, by its code."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="refused_attempts", db_index=False)
    code = models.CharField(max_length=CODE_LENGTH, editable=False)
    hour = models.DateTimeField(editable=False)
    attempts = models.PositiveIntegerField(editable=False)

    class Meta:
        verbose_name = _("refused attempts")
        verbose_name_plural = _("refused attempts")
        constraints = (
            models.UniqueConstraint(fields=("poll", "code", "hour"), name="django_polls_refusals_once"),
            models.CheckConstraint(condition=Q(attempts__gte=1), name="django_polls_refusals_some"),
        )

    def __str__(self) -> str:
        return f"{self.code}: {self.attempts}"
