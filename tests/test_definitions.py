"""The copies of polls that a process keeps: few enough, and of no more ballots than are worth it."""

from decimal import Decimal

import pytest

from django_polls import definitions
from django_polls.methods.ballots import Ballot
from tests.factories import PollFactory

pytestmark = pytest.mark.django_db


def test_copies_are_bounded_and_the_one_used_last_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "POLLS_KEPT", 2)
    monkeypatch.setattr(definitions, "_kept", type(definitions._kept)())
    first, second, third = (PollFactory() for _ in range(3))
    definitions.load(first.pk, "default")
    definitions.load(second.pk, "default")
    used = definitions.known(first.pk, "default")

    definitions.load(third.pk, "default")

    kept = [definitions.known(poll.pk, "default") is not None for poll in (first, second, third)]
    assert used is not None
    assert kept == [True, False, True]


def test_ballots_of_a_copy_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "BALLOTS_KEPT", 1)
    definition = definitions.load(PollFactory().pk, "default")
    assert definition is not None

    definition.remember(Ballot.of(1), Decimal(1), 11)
    definition.remember(Ballot.of(2), Decimal(1), 22)

    assert [definition.ballot_id(Ballot.of(option), Decimal(1)) for option in (1, 2)] == [11, None]


def test_copy_of_a_poll_that_is_gone_is_dropped() -> None:
    poll = PollFactory()
    poll_id = poll.pk
    definitions.load(poll_id, "default")
    poll.delete()

    assert definitions.load(poll_id, "default") is None
    assert definitions.known(poll_id, "default") is None
