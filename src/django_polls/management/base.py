"""What the commands that go through many polls share: which polls, and that a poll that fails stops no other."""

import logging
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import router

from django_polls.management.progress import Progress
from django_polls.models import Poll
from django_polls.models.polls import PollQuerySet

logger = logging.getLogger(__name__)


class PollsCommand(BaseCommand):
    """A command that does one thing to each of many polls, shows how far it is, and exits 1 if one failed."""

    failures = 0

    def polls(self) -> PollQuerySet:
        """Return all polls, as the database that takes votes has them now."""
        return Poll.objects.using(router.db_for_write(Poll))

    def add_poll_ids(self, parser: ArgumentParser) -> None:
        """Let the command be given the ids of polls, for `chosen`."""
        parser.add_argument("polls", nargs="*", type=UUID, metavar="poll", help="The id of a poll; all without any.")

    def chosen(self, poll_ids: Sequence[UUID], otherwise: PollQuerySet) -> list[Poll]:
        """Return the polls of these ids, else those that the command itself looks for. Raises CommandError."""
        if not poll_ids:
            return list(otherwise)
        found = self.polls().in_bulk(poll_ids)
        if missing := [str(poll_id) for poll_id in poll_ids if poll_id not in found]:
            raise CommandError(f"There is no poll {', '.join(missing)}.")
        return list(found.values())

    def each(self, label: str, polls: Sequence[Poll], act: Callable[[Poll], int]) -> int:
        """Return the sum of what the act returns for each poll. One that fails is reported, and counts for nothing."""
        total = 0
        with Progress(label, len(polls)) as progress:
            for poll in polls:
                total += self._attempted(poll, act)
                progress.advance()
        return total

    def _attempted(self, poll: Poll, act: Callable[[Poll], int]) -> int:
        try:
            return act(poll)
        except Exception as error:
            self.failures += 1
            self.stderr.write(f"poll {poll.pk}: {error.__class__.__name__}: {error}")
            logger.exception("A poll could not be worked on.", extra={"poll": poll.pk})
            return 0

    def finish(self) -> None:
        """Raise CommandError if a poll failed."""
        if self.failures:
            raise CommandError(f"Polls that failed: {self.failures}.")
