"""The maintenance commands: what they print, how they exit, and that they may run at any time beside each other."""

import io
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django import DjangoCaptureOnCommitCallbacks

from django_polls import lifecycle, signals
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Ballot as StoredBallot
from django_polls.models import LedgerEntry, Poll, PollOption, PollOutcome, Vote
from django_polls.models.clock import database_now
from django_polls.results import outcome_of
from django_polls.voting import cast_vote
from tests.factories import PollFactory
from tests.test_verification import unguarded

pytestmark = pytest.mark.django_db

ANNOUNCED = {
    "opened": signals.poll_opened,
    "closed": signals.poll_closed,
    "finalised": signals.results_finalised,
}


def run(name: str, *arguments: str) -> tuple[str, str, str]:
    """Return what a command printed, what it printed as errors, and why it failed: empty where it exits 0."""
    output, errors = io.StringIO(), io.StringIO()
    failure = ""
    try:
        call_command(name, *arguments, stdout=output, stderr=errors)
    except CommandError as error:
        failure = f"{error}" if error.returncode == 1 else f"{error} ({error.returncode})"
    return output.getvalue(), errors.getvalue(), failure


def voted_poll(votes: int = 3, **fields: object) -> Poll:
    poll = PollFactory(**fields)
    option = poll.options.first()
    for _ in range(votes):
        cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))
    return poll


def move(poll: Poll, **times: timedelta) -> None:
    """Move the poll's times to so long from now."""
    Poll.objects.filter(pk=poll.pk).update(**{name: database_now() + distance for name, distance in times.items()})


@pytest.fixture
def announced() -> Iterator[list[tuple[str, str]]]:
    """Collect the signals about polls' lives, each with the title of its poll."""
    heard: list[tuple[str, str]] = []

    def listener(name: str) -> Callable[..., None]:
        def receive(poll: Poll, **arguments: object) -> None:
            heard.append((name, poll.title))

        return receive

    receivers = [(signal, listener(name)) for name, signal in ANNOUNCED.items()]
    for signal, receiver in receivers:
        signal.connect(receiver)
    yield heard
    for signal, receiver in receivers:
        signal.disconnect(receiver)


def test_polls_verify_of_sound_polls_says_so() -> None:
    voted_poll()
    lifecycle.close_poll(voted_poll())

    assert run("polls_verify") == ("Polls checked: 2. Differences: 0.\n", "", "")


def test_polls_verify_names_each_difference_and_exits_1() -> None:
    sound, wrong = voted_poll(), voted_poll()
    ballot = wrong.ballots.get()
    StoredBallot.objects.filter(pk=ballot.pk).update(counted=1, key="0" * 64)

    line = f"poll {wrong.pk}: ballot {ballot.pk}:"
    summary = "Polls checked: 2. Differences: 2."
    output, errors, failure = run("polls_verify")
    assert output.splitlines() == [
        f"{line} counted 1 and ledger +3 make 4, its votes are 3",
        f"{line} its key is not the SHA-256 of its body",
        summary,
    ]
    assert (errors, failure) == ("", summary)
    assert run("polls_verify", str(sound.pk)) == ("Polls checked: 1. Differences: 0.\n", "", "")


def test_polls_verify_leaves_wrong_counts_unless_asked() -> None:
    poll = voted_poll()
    StoredBallot.objects.update(counted=1)

    run("polls_verify")

    assert outcome_of(poll).votes == 4


def test_polls_verify_repair_rebuilds_counts_and_exits_0() -> None:
    poll, other = voted_poll(), voted_poll()
    ballot = poll.ballots.get()
    StoredBallot.objects.filter(pk=ballot.pk).update(counted=1)
    votes = list(Vote.objects.order_by("pk").values())

    output, errors, failure = run("polls_verify", "--repair")

    assert output.splitlines() == [
        f"poll {poll.pk}: ballot {ballot.pk}: counted 1 and ledger +3 make 4, its votes are 3",
        f"poll {poll.pk}: its counts are rebuilt from its votes",
        "Polls checked: 2. Differences: 0.",
    ]
    assert (errors, failure) == ("", "")
    assert (outcome_of(poll).votes, outcome_of(other).votes) == (3, 3)
    assert list(Vote.objects.order_by("pk").values()) == votes


def test_polls_verify_repair_leaves_what_is_no_count_and_exits_1() -> None:
    poll = voted_poll()
    ballot = poll.ballots.get()
    StoredBallot.objects.update(counted=-1, key="0" * 64)

    output, errors, failure = run("polls_verify", "--repair", str(poll.pk))

    assert (errors, failure) == ("", "Polls checked: 1. Differences: 1.")
    assert output.splitlines()[-2:] == [f"poll {poll.pk}: its counts are rebuilt from its votes", failure]
    assert StoredBallot.objects.values_list("pk", "counted", "key").get() == (ballot.pk, 3, "0" * 64)


def test_polls_verify_repair_of_votes_without_ballots_reports_it() -> None:
    poll = voted_poll()
    Vote.objects.update(ballot=None)

    output, errors, failure = run("polls_verify", "--repair")

    reason = "Some votes of this poll have no ballot: its counts cannot be derived from them."
    assert output.splitlines()[-2:] == [f"poll {poll.pk}: {reason}", "Polls checked: 1. Differences: 4."]
    assert (errors, failure) == ("", "Polls checked: 1. Differences: 4.")
    assert outcome_of(poll).votes == 3


def test_polls_verify_remark_is_no_difference() -> None:
    poll = PollFactory(options=1)

    assert run("polls_verify") == (
        f"remark: poll {poll.pk}: it has fewer than two options\nPolls checked: 1. Differences: 0.\n",
        "",
        "",
    )


@pytest.mark.django_db(transaction=True)
def test_polls_verify_of_all_polls_names_rows_that_belong_to_none() -> None:
    poll = voted_poll()
    with unguarded():
        LedgerEntry.objects.create(ballot_id=1, delta=1)
    entry = LedgerEntry.objects.get(ballot_id=1)

    summary = "Polls checked: 1. Differences: 1."
    assert run("polls_verify") == (f"ledger entry {entry.pk}: its ballot 1 does not exist\n{summary}\n", "", summary)
    assert run("polls_verify", str(poll.pk))[2] == ""


@pytest.mark.parametrize("name", ["polls_verify", "polls_compact"])
def test_command_for_a_poll_that_is_not_there_is_refused(name: str) -> None:
    missing = uuid4()

    assert run(name, str(missing)) == ("", "", f"There is no poll {missing}.")


def test_polls_compact_empties_every_ledger() -> None:
    polls = [voted_poll(), voted_poll(2), voted_poll(0)]

    assert run("polls_compact") == ("Ledger entries compacted: 5.\n", "", "")
    assert LedgerEntry.objects.count() == 0
    assert [outcome_of(poll).votes for poll in polls] == [3, 2, 0]
    assert run("polls_compact") == ("Ledger entries compacted: 0.\n", "", "")


def test_polls_compact_of_one_poll_leaves_the_others() -> None:
    poll, other = voted_poll(), voted_poll(2)

    assert run("polls_compact", str(poll.pk)) == ("Ledger entries compacted: 3.\n", "", "")
    assert LedgerEntry.objects.filter(ballot__poll=other).count() == LedgerEntry.objects.count() == 2


def test_polls_finalise_does_each_thing_once(
    announced: list[tuple[str, str]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    scheduled = PollFactory(title="scheduled", opens_at=database_now() + timedelta(hours=1))
    opened = PollFactory(title="opened", opens_at=database_now() - timedelta(hours=1))
    expired = voted_poll(title="expired", opened_at=database_now())
    move(expired, opens_at=-timedelta(hours=2), expires_at=-timedelta(hours=1))
    by_hand = voted_poll(title="by hand", opened_at=database_now())
    move(by_hand, closed_at=timedelta())
    draft = PollFactory(title="draft", is_draft=True)

    with django_capture_on_commit_callbacks(execute=True):
        first = run("polls_finalise")
    with django_capture_on_commit_callbacks(execute=True):
        second = run("polls_finalise")

    dropped = "Polls whose key to addresses was dropped: 0.\n"
    assert first == (f"Openings recorded: 1. Outcomes stored: 2.\n{dropped}", "", "")
    assert second == (f"Openings recorded: 0. Outcomes stored: 0.\n{dropped}", "", "")
    assert sorted(announced) == [
        ("closed", "expired"),
        ("finalised", "by hand"),
        ("finalised", "expired"),
        ("opened", "opened"),
    ]
    assert {outcome.poll_id: outcome.outcome.votes for outcome in PollOutcome.objects.all()} == {
        expired.pk: 3,
        by_hand.pk: 3,
    }
    times = dict(Poll.objects.values_list("pk", "opened_at"))
    assert [times[poll.pk] is None for poll in (scheduled, opened, draft)] == [True, False, True]
    assert Poll.objects.filter(pk=expired.pk).values_list("closed_at", "expires_at").get()[0] is not None


def test_polls_finalise_drops_address_keys_after_their_retention_and_keeps_the_votes() -> None:
    kept, old, expired, running = (voted_poll() for _ in range(4))
    long_ago = -timedelta(days=30, seconds=1)
    move(kept, closed_at=-timedelta(days=29))
    move(old, closed_at=long_ago)
    move(expired, expires_at=long_ago)

    output, _errors, failure = run("polls_finalise")

    assert (output.splitlines()[-1], failure) == ("Polls whose key to addresses was dropped: 2.", "")
    with_key = set(Poll.objects.filter(address_key__isnull=False).values_list("pk", flat=True))
    assert with_key == {kept.pk, running.pk}
    due = database_now() - timedelta(days=30)
    assert not Poll.objects.closed().filter(address_key__isnull=False, closed_at__lte=due).exists()
    assert [poll.votes.count() for poll in (kept, old, expired, running)] == [3, 3, 3, 3]
    assert run("polls_verify")[2] == "Polls checked: 4. Differences: 9."


def test_polls_finalise_goes_on_after_a_bad_poll() -> None:
    polls = [voted_poll(title=title) for title in ("first", "bad", "last")]
    for poll in polls:
        move(poll, expires_at=timedelta())
    bad = polls[1]
    Poll.objects.filter(pk=bad.pk).update(method="gone")

    output, errors, failure = run("polls_finalise")

    reason = "MethodUnavailable: This site has no voting method gone now, which this poll needs."
    assert (errors, failure) == (f"poll {bad.pk}: {reason}\n", "Polls that failed: 1.")
    assert output.splitlines()[0] == "Openings recorded: 0. Outcomes stored: 2."
    assert set(PollOutcome.objects.values_list("poll__title", flat=True)) == {"first", "last"}


def finalise_often(start: threading.Barrier) -> None:
    start.wait()
    try:
        run("polls_finalise")
    finally:
        connections.close_all()


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_polls_finalise_beside_itself_announces_everything_once(announced: list[tuple[str, str]]) -> None:
    titles = [f"poll {number}" for number in range(5)]
    for title in titles:
        move(voted_poll(title=title, opened_at=database_now()), expires_at=timedelta())
        PollFactory(title=f"new {title}", opens_at=database_now() - timedelta(hours=1))
    start = threading.Barrier(3)
    runs = [threading.Thread(target=finalise_often, args=(start,)) for _ in range(3)]

    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join()

    assert sorted(announced) == sorted(
        [("closed", title) for title in titles]
        + [("finalised", title) for title in titles]
        + [("opened", f"new {title}") for title in titles]
    )
    assert PollOption.objects.count() == 20
    assert {outcome.outcome.votes for outcome in PollOutcome.objects.all()} == {3}
