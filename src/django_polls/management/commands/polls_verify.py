"""Recount polls from their votes, and name everything that does not follow from them."""

from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.core.management.base import CommandError

from django_polls.exceptions import PollError
from django_polls.management.base import PollsCommand
from django_polls.models import Poll
from django_polls.verification import Finding, Kind, findings_of, rebuild, strays


class Command(PollsCommand):
    help = "Recount polls from their votes, and name every difference; exits 1 while there is one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_poll_ids(parser)
        parser.add_argument(
            "--repair", action="store_true", help="Rebuild the counts that are not those of the votes; never a vote."
        )

    def handle(self, *, polls: Sequence[UUID], repair: bool, **options: object) -> None:
        """Check the polls, and where all are checked also for rows that belong to none."""
        chosen = self.chosen(polls, self.polls())
        differences = 0 if polls else self._reported(strays())
        differences += self.each("Checking", chosen, lambda poll: self._verified(poll, repair=repair))
        summary = f"Polls checked: {len(chosen) - self.failures}. Differences: {differences}."
        self.stdout.write(summary)
        if differences:
            raise CommandError(summary)
        self.finish()

    def _verified(self, poll: Poll, *, repair: bool) -> int:
        """Report the poll's differences, and return how many are left."""
        found = findings_of(poll.pk)
        left = self._reported(found)
        if not repair or all(finding.kind is not Kind.DERIVED for finding in found):
            return left
        try:
            rebuild(poll.pk)
        except PollError as refusal:
            self.stdout.write(f"poll {poll.pk}: {refusal}")
            return left
        self.stdout.write(f"poll {poll.pk}: its counts are rebuilt from its votes")
        return sum(_is_difference(finding) for finding in findings_of(poll.pk))

    def _reported(self, found: Iterable[Finding]) -> int:
        differences = 0
        for finding in found:
            differences += _is_difference(finding)
            self.stdout.write(str(finding) if _is_difference(finding) else f"remark: {finding}")
        return differences


def _is_difference(finding: Finding) -> bool:
    return finding.kind is not Kind.REMARK
