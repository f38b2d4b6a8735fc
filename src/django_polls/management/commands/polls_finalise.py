"""Record what the clock has done: openings, closes and their outcomes, and keys to addresses kept long enough."""

from django_polls.lifecycle import drop_address_keys, record_opening
from django_polls.management.base import PollsCommand
from django_polls.models import Poll
from django_polls.results import finalise


class Command(PollsCommand):
    help = (
        "Announce polls that have opened or closed by their schedule, store the outcomes of closed polls, and drop the "
        "keys to guests' addresses that were kept long enough. To be run every few minutes; no vote or result waits "
        "for it."
    )

    def handle(self, **options: object) -> None:
        """Do what is due, each thing once, however often and beside whomever this runs. Raises CommandError."""
        due = self.polls().open().filter(opened_at=None)
        opened = self.each("Opening", list(due), record_opening)
        closed = self.polls().closed().filter(stored_outcome=None)
        outcomes = self.each("Closing", list(closed), _finalised)
        self.stdout.write(f"Openings recorded: {opened}. Outcomes stored: {outcomes}.")
        self.stdout.write(f"Polls whose key to addresses was dropped: {drop_address_keys()}.")
        self.finish()


def _finalised(poll: Poll) -> int:
    finalise(poll)
    return 1
