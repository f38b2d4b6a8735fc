"""What the host is about: articles, each with any number of polls."""

from django.db import models
from django.urls import reverse

from django_polls.models.showing import AttachedPolls


class Article(models.Model):
    title = models.CharField(max_length=100)
    polls = AttachedPolls()

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the page of the article, on which its polls stand."""
        return reverse("article", args=[self.pk])
