"""Load a handful of believable polls with votes, to see what the package does."""

from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from django_polls.management import demo
from django_polls.management.demo_polls import DEMO_POLLS
from django_polls.management.progress import Progress

PASSWORD = "demo"  # noqa: S105 - announced to everybody, and used in DEBUG alone
GUEST_VOTES = 480
MOST_VOTES = 10_000_000


class Command(BaseCommand):
    help = (
        "Load polls in every state and under every visibility, with users and votes. "
        "Where they are loaded already, add nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--votes", type=_count, default=GUEST_VOTES, help="about how many votes guests cast altogether"
        )
        parser.add_argument("--seed", type=int, default=1, help="what the generator of votes starts from")
        parser.add_argument(
            "--password", help=f"for the demo's three logins; without it, {PASSWORD!r} in DEBUG, else they have none"
        )

    def handle(self, *, votes: int, seed: int, password: str | None, **_options: Any) -> None:
        password = password or (PASSWORD if settings.DEBUG else None)
        wanted = demo.Demo(votes, seed, password)
        if not demo.is_loaded() and self._load(wanted):
            self.stdout.write(f"Added {len(DEMO_POLLS)} polls and {wanted.total} votes.")
        else:
            self.stdout.write("The demo polls are there already: nothing was added.")
        self._print_logins(password)

    def _load(self, wanted: demo.Demo) -> bool:
        with Progress("Casting votes", wanted.total) as progress:
            return demo.load(wanted, advance=progress.advance)

    def _print_logins(self, password: str | None) -> None:
        names = demo.logins()
        if names and password:
            self.stdout.write(f"Logins: {', '.join(names)}; password, unless it was changed: {password}")
        elif not names:
            self.stdout.write("Nobody can log in as a user of the demo: give --password at the first run for that.")


def _count(text: str) -> int:
    count = int(text) if text.isdecimal() else -1
    if not 0 <= count <= MOST_VOTES:
        raise ArgumentTypeError(f"a number from 0 to {MOST_VOTES}")
    return count
