"""Boring objects: an open single-choice poll with two options, and users."""

import factory
from django.contrib.auth import get_user_model

from django_polls.models import Poll, PollOption


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = get_user_model()

    username = factory.Sequence("user{}".format)


class OptionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PollOption

    text = factory.Sequence("Option {}".format)
    position = factory.Sequence(int)


class PollFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Poll
        skip_postgeneration_save = True

    title = "Test Poll"

    @factory.post_generation
    def options(self, create: bool, extracted: int | None, **kwargs: object) -> None:
        """Add this many options: two, unless `options=` says otherwise."""
        for position in range(2 if extracted is None else extracted):
            OptionFactory(poll=self, text=f"Option {position + 1}", position=position)
        self.refresh_from_db()
