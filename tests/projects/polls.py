"""A boring poll, made without the libraries that take longer to import than a host's tests take to run."""

from django_polls.models import Poll, PollOption


def make_poll(*, options: int = 2, **fields: object) -> Poll:
    """Store an open single-choice poll, unless the fields say otherwise, with this many options."""
    poll = Poll.objects.create(**{"title": "Lunch", **fields})
    for position in range(options):
        PollOption.objects.create(poll=poll, text=f"Option {position + 1}", position=position)
    return Poll.objects.get(pk=poll.pk)
