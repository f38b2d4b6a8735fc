"""What was counted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_polls.methods.outcomes import Outcome
from django_polls.models.polls import Poll


class PollOutcome(models.Model):
    """The outcome of a closed poll, stored once and never changed: what `results.finalise` counted."""

    poll = models.OneToOneField(
        Poll, verbose_name=_("poll"), on_delete=models.CASCADE, primary_key=True, related_name="stored_outcome"
    )
    body = models.TextField(editable=False)
    finalised_at = models.DateTimeField(_("stored at"), editable=False)

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")

    def __str__(self) -> str:
        return str(self.poll_id)

    @property
    def outcome(self) -> Outcome:
        """The stored facts."""
        return Outcome.from_json(self.body)
