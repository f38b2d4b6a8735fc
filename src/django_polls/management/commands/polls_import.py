"""Read a whole election from a file, and cast every ballot in it."""

from argparse import ArgumentParser
from itertools import chain
from pathlib import Path
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from django_polls.elections.casting import Counting, cast_piles, piles_for, poll_of
from django_polls.elections.files import METHODS, Election, UnreadableElection, read_election
from django_polls.exceptions import InvalidPoll, PollError
from django_polls.management.progress import Progress
from django_polls.models import Poll
from django_polls.voting import poll_for_voting


class Command(BaseCommand):
    help = "Cast every ballot of an election file as a vote in a new poll; the same command again resumes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="JSON, or CSV of one ballot a line.")
        parser.add_argument(
            "--method",
            choices=list(chain(*METHODS.values())),
            help="How the ballots are cast: by default rankings by their first preference (single), else as they are.",
        )
        parser.add_argument(
            "--count", help="How the new poll is counted, such as irv or star; else the method's first."
        )
        parser.add_argument("--seats", type=int, help="How many options win in the new poll: 1 unless given.")
        parser.add_argument("--title", help="The title of the new poll, instead of the file's.")
        parser.add_argument("--poll", type=UUID, metavar="ID", help="Cast into this poll, which has these options.")

    def handle(
        self,
        *,
        file: Path,
        method: str | None,
        count: str | None,
        seats: int | None,
        title: str | None,
        poll: UUID | None,
        **options: object,
    ) -> None:
        """Import the file. Raises CommandError with one sentence, and then nothing of a file at fault is stored."""
        if poll is not None and (count, seats) != (None, None):
            raise CommandError("--count and --seats are for a new poll; the one of --poll has its own.")
        election = _read(file, method)
        title = title or election.title or file.stem
        target = (
            _new_poll(election, title, Counting(count or "", 1 if seats is None else seats))
            if poll is None
            else _existing(poll)
        )
        self.stdout.write(f"Poll {target.pk}")
        cast = _cast(election, target)
        self.stdout.write(f"{cast} cast, {election.total - cast} not expressible under this method")


def _read(file: Path, method: str | None) -> Election:
    try:
        return read_election(file, method)
    except UnreadableElection as error:
        raise CommandError(f"{file}: {error}") from None
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror or error}") from None


def _new_poll(election: Election, title: str, counting: Counting) -> Poll:
    try:
        return poll_of(election, title, counting)
    except InvalidPoll as error:
        faults = [f"{field}: {' '.join(sentences)}" for field, sentences in error.errors.items()]
        raise CommandError(f"No poll was made. {' '.join(faults)}") from None
    except PollError as error:
        raise CommandError(f"No poll was made. {error}") from None


def _existing(poll_id: UUID) -> Poll:
    try:
        return poll_for_voting(poll_id, fresh=True)
    except PollError as error:
        raise CommandError(str(error)) from None


def _cast(election: Election, poll: Poll) -> int:
    """Cast the ballots that the poll can express, and return how many those are."""
    try:
        piles = piles_for(election, poll)
        total = sum(len(pile.numbers) for pile in piles)
        with Progress("Casting", total) as progress:
            cast_piles(piles, poll, election.digest, advance=progress.advance)
    except UnreadableElection as error:
        raise CommandError(str(error)) from None
    except PollError as error:
        raise CommandError(f"The poll took no more votes; the same command resumes. {error}") from error
    return total
