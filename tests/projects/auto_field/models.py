"""A table of the host's own, attached to polls as the documentation advises."""

from django.db import models

from django_polls.models import Poll


class Agenda(models.Model):
    """The meeting at which a poll is on the agenda."""

    poll = models.OneToOneField(Poll, on_delete=models.CASCADE, related_name="agenda")
    meeting = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.meeting
