"""Add the ledger of every poll into its ballots; no result changes by it."""

from argparse import ArgumentParser
from collections.abc import Sequence
from uuid import UUID

from django_polls.management.base import PollsCommand
from django_polls.models import LedgerEntry
from django_polls.results import compact


class Command(PollsCommand):
    help = "Add the ledger of every poll into its ballots, so that results stay quick to read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_poll_ids(parser)

    def handle(self, *, polls: Sequence[UUID], **options: object) -> None:
        """Compact the polls that have a ledger. Raises CommandError in the end if one could not be."""
        pending = LedgerEntry.objects.values("ballot__poll")
        entries = self.each("Compacting", self.chosen(polls, self.polls().filter(pk__in=pending)), compact)
        self.stdout.write(f"Ledger entries compacted: {entries}.")
        self.finish()
