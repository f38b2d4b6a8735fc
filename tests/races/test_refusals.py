"""Refusals counted at once: none is lost, whoever is the first of an hour, and none outlives its poll."""

from functools import partial

import pytest
from pytest_django import Settings

from django_polls import refusals
from django_polls.lifecycle import delete_poll
from django_polls.models import RefusedAttempts
from tests.factories import PollFactory
from tests.races.crew import Crew, repeated, unexpected

ROUNDS = 5
TIMES = 10


@pytest.fixture(autouse=True)
def _recording(settings: Settings) -> None:
    settings.DJANGO_POLLS_RECORD_REFUSALS = True


def test_no_refusal_is_lost(crew: Crew) -> None:
    for _round in range(ROUNDS):
        poll = PollFactory()

        told = crew.race(*[repeated(partial(refusals.record, poll, "already_voted"), TIMES)] * 16)

        assert unexpected(told) == []
        # An hour may have ended meanwhile.
        assert sum(poll.refused_attempts.values_list("attempts", flat=True)) == 16 * TIMES


def test_no_refusal_outlives_its_poll(crew: Crew) -> None:
    for _round in range(ROUNDS):
        poll = PollFactory()

        told = crew.race(*[repeated(partial(refusals.record, poll, "closed"), 2)] * 16, partial(delete_poll, poll))

        assert (unexpected(told), RefusedAttempts.objects.count()) == ([], 0)
