"""The tables that a quick sketch of a poll has: votes by address, counted by counting them."""

from typing import ClassVar

from django.db import models


class SketchedPoll(models.Model):
    title = models.CharField(max_length=200)
    expires_at = models.DateTimeField()

    objects: ClassVar[models.Manager["SketchedPoll"]] = models.Manager()

    def __str__(self) -> str:
        return self.title


class SketchedOption(models.Model):
    poll = models.ForeignKey(SketchedPoll, on_delete=models.CASCADE)
    text = models.CharField(max_length=200)

    objects: ClassVar[models.Manager["SketchedOption"]] = models.Manager()

    def __str__(self) -> str:
        return self.text


class SketchedVote(models.Model):
    poll = models.ForeignKey(SketchedPoll, on_delete=models.CASCADE)
    option = models.ForeignKey(SketchedOption, on_delete=models.CASCADE, related_name="votes")
    address = models.GenericIPAddressField()
    voted_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["SketchedVote"]] = models.Manager()

    class Meta:
        unique_together = (("poll", "address"),)

    def __str__(self) -> str:
        return self.address
