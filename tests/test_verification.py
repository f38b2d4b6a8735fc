"""Each rule, broken behind the package's back, is named; and what is derived is rebuilt, whoever votes meanwhile."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.db.models import F
from pytest_django import Settings

from django_polls import exceptions, lifecycle, results, verification
from django_polls.identity import Voter
from django_polls.methods.approval import Approval
from django_polls.methods.ballots import Ballot, Tally
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import Rules
from django_polls.models import Ballot as StoredBallot
from django_polls.models import LedgerEntry, Mark, Poll, PollOption, PollOutcome, Vote
from django_polls.models.polls import Until
from django_polls.verification import Finding, Kind, findings_of, rebuild, strays
from django_polls.voting import cast_vote, replace_vote, withdraw_vote
from tests.factories import PollFactory

pytestmark = pytest.mark.django_db


def cast(poll: Poll, *option_ids: int) -> Vote:
    return cast_vote(poll, Voter(uuid4()), Ballot.of(*option_ids))


def voted_poll(**fields: object) -> tuple[Poll, PollOption, PollOption]:
    """Return a poll with two votes for its first option and one for its second."""
    poll = PollFactory(**fields)
    first, second = poll.options.all()
    for option in (first, first, second):
        cast(poll, option.pk)
    return poll, first, second


def ballot_of(option: PollOption) -> StoredBallot:
    return StoredBallot.objects.get(body=str(option.pk))


def lines(poll: Poll) -> list[str]:
    """Return what is found in the poll, and check that each line starts with the poll's id."""
    start = f"poll {poll.pk}: "
    found = [str(finding) for finding in findings_of(poll.pk)]
    assert [line[: len(start)] for line in found] == [start] * len(found)
    return [line.removeprefix(start) for line in found]


@contextmanager
def unguarded() -> Iterator[None]:
    """Let the database take rows that break its foreign keys, as a restore or a person with a console can."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = DEFAULT")
    else:
        with connection.constraint_checks_disabled():
            yield


class Impatient(Approval):
    """A method that counts nothing."""

    key = "impatient"

    def count(self, tallies: Iterable[Tally], rules: Rules) -> Outcome:
        return super().count((), rules)


class Strict(Approval):
    """A method that has something against every ballot."""

    key = "strict"

    def check(self, ballot: Ballot, rules: Rules) -> None:
        raise exceptions.InvalidBallot


class EditedMeanwhile(Strict):
    """A method during whose check every poll is edited: as often as `edits` says."""

    key = "edited"
    edits = 0
    checks = 0

    def check(self, ballot: Ballot, rules: Rules) -> None:
        type(self).checks += 1
        if type(self).edits:
            type(self).edits -= 1
            Poll.objects.update(revision=F("revision") + 1)
            raise exceptions.InvalidBallot


@pytest.fixture
def host_methods(settings: Settings) -> None:
    settings.DJANGO_POLLS_METHODS = [
        "django_polls.methods.approval.Approval",
        "django_polls.methods.approval.SingleChoice",
        "tests.test_verification.Impatient",
        "tests.test_verification.Strict",
        "tests.test_verification.EditedMeanwhile",
    ]


def test_poll_after_all_that_may_happen_has_no_finding() -> None:
    poll = PollFactory(method="approval", options=3, vote_change=Until.CLOSE, vote_withdrawal=Until.CLOSE)
    a, b, c = (option.pk for option in poll.options.all())
    voters = [Voter(uuid4()) for _ in range(4)]
    for voter in voters:
        cast_vote(poll, voter, Ballot.of(a, b))
    results.compact(poll)
    replace_vote(poll, voters[0], Ballot.of(c))
    withdraw_vote(poll, voters[1])
    found = [findings_of(poll.pk)]
    lifecycle.close_poll(poll)
    found.append(findings_of(poll.pk))

    assert found == [[], []]
    assert list(strays()) == []


def test_poll_that_is_gone_has_no_finding() -> None:
    assert findings_of(uuid4()) == []


def test_ballots_beyond_a_page_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "PAGE", 2)
    poll = PollFactory(method="approval", options=5)
    for option in poll.options.all():
        cast(poll, option.pk)
    StoredBallot.objects.update(counted=1)

    assert lines(poll) == [
        f"ballot {pk}: counted 1 and ledger +1 make 2, its votes are 1"
        for pk in StoredBallot.objects.order_by("pk").values_list("pk", flat=True)
    ]


def test_count_that_is_not_the_votes_is_named() -> None:
    poll, first, _second = voted_poll()
    results.compact(poll)
    StoredBallot.objects.filter(body=str(first.pk)).update(counted=5)

    assert findings_of(poll.pk) == [
        Finding(poll.pk, f"ballot {ballot_of(first).pk}: counted 5 and ledger +0 make 5, its votes are 2", Kind.DERIVED)
    ]


def test_ledger_that_is_not_the_votes_is_named() -> None:
    poll, first, _second = voted_poll()
    ballot = ballot_of(first)
    LedgerEntry.objects.filter(ballot=ballot).delete()
    LedgerEntry.objects.create(ballot=ballot, delta=-1)

    assert lines(poll) == [f"ballot {ballot.pk}: counted 0 and ledger -1 make -1, its votes are 2"]


def test_negative_count_is_named_though_the_sum_is_right() -> None:
    poll, _first, second = voted_poll()
    ballot = ballot_of(second)
    StoredBallot.objects.filter(pk=ballot.pk).update(counted=-1)
    LedgerEntry.objects.create(ballot=ballot, delta=1)

    assert findings_of(poll.pk) == [Finding(poll.pk, f"ballot {ballot.pk}: counted is -1", Kind.DERIVED)]


def test_key_that_is_not_of_its_body_is_named() -> None:
    poll, first, _second = voted_poll()
    ballot = ballot_of(first)
    StoredBallot.objects.filter(pk=ballot.pk).update(key="0" * 64)

    assert lines(poll) == [f"ballot {ballot.pk}: its key is not the SHA-256 of its body"]


def test_body_that_is_not_of_its_marks_is_named() -> None:
    poll, first, second = voted_poll()
    ballot = ballot_of(first)
    other = Ballot.of(second.pk, first.pk)
    StoredBallot.objects.filter(pk=ballot.pk).update(key=other.key, body=other.body)

    assert lines(poll) == [f'ballot {ballot.pk}: its body is "{first.pk} {second.pk}", its marks make "{first.pk}"']


def test_ballot_that_breaks_the_rules_is_named_if_it_has_votes() -> None:
    poll, first, second = voted_poll(method="approval")
    both = cast(poll, first.pk, second.pk).ballot_id
    Poll.objects.filter(pk=poll.pk).update(max_options=1)

    assert lines(poll) == [f"ballot {both}: it has votes, and breaks the poll's rules: too_many_options"]


def test_ballot_that_nobody_chose_may_be_older_than_the_rules() -> None:
    poll = PollFactory(method="approval", vote_withdrawal=Until.CLOSE)
    voter = Voter(uuid4())
    cast_vote(poll, voter, Ballot.of(*(option.pk for option in poll.options.all())))
    withdraw_vote(poll, voter)
    lifecycle.edit_poll(poll, lifecycle.PollDraft({"max_options": 1}))

    assert findings_of(poll.pk) == []


@pytest.mark.django_db(transaction=True)
def test_mark_of_another_poll_s_option_is_named() -> None:
    poll, first, _second = voted_poll()
    other = PollFactory().options.first()
    ballot = ballot_of(first)
    with unguarded():
        Mark.objects.filter(ballot=ballot).update(option=other)

    assert lines(poll) == [
        f'ballot {ballot.pk}: its body is "{first.pk}", its marks make "{other.pk}"',
        f"ballot {ballot.pk}: it has votes, and breaks the poll's rules: unknown_option",
        f"ballot {ballot.pk}: it marks option {other.pk}, which is not of this poll",
    ]


@pytest.mark.django_db(transaction=True)
def test_mark_under_another_poll_is_named() -> None:
    poll, first, _second = voted_poll()
    other = PollFactory()
    ballot = ballot_of(first)
    with unguarded():
        Mark.objects.filter(ballot=ballot).update(poll=other)

    assert lines(poll) == [f"ballot {ballot.pk}: its mark of option {first.pk} stands under poll {other.pk}"]


@pytest.mark.django_db(transaction=True)
def test_vote_for_a_ballot_of_another_poll_is_named_and_not_counted() -> None:
    poll, first, _second = voted_poll()
    other, _first, _second = voted_poll()
    vote = Vote.objects.filter(poll=poll, ballot=ballot_of(first)).first()
    with unguarded():
        Vote.objects.filter(pk=vote.pk).update(ballot=other.ballots.first())

    assert lines(poll) == [
        f"ballot {ballot_of(first).pk}: counted 0 and ledger +2 make 2, its votes are 1",
        f"vote {vote.pk}: it has no ballot of this poll",
    ]
    assert lines(other) == []


def test_vote_without_a_ballot_is_named() -> None:
    poll, first, _second = voted_poll()
    vote = Vote.objects.filter(ballot=ballot_of(first)).first()
    Vote.objects.filter(pk=vote.pk).update(ballot=None)

    assert lines(poll) == [
        f"ballot {ballot_of(first).pk}: counted 0 and ledger +2 make 2, its votes are 1",
        f"vote {vote.pk}: it has no ballot of this poll",
    ]


def test_option_whose_key_is_not_of_its_text_is_named() -> None:
    poll = PollFactory()
    option = poll.options.first()
    PollOption.objects.filter(pk=option.pk).update(text="Another text")

    assert lines(poll) == [f"option {option.pk}: its key is not that of its text"]


@pytest.mark.parametrize(
    ("field", "distance"),
    [
        ("opens_at", timedelta(microseconds=1)),
        ("expires_at", timedelta()),
        ("closed_at", -timedelta(microseconds=1)),
    ],
)
def test_vote_outside_the_open_time_is_named(field: str, distance: timedelta) -> None:
    poll = PollFactory()
    vote = cast(poll, poll.options.first().pk)
    at = datetime(2026, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
    Vote.objects.update(cast_at=at)
    Poll.objects.update(**{field: at + distance})

    assert lines(poll) == [
        f"vote {vote.pk}: it was cast at 2026-03-04T05:06:07.000008+00:00, when the poll was not open"
    ]


@pytest.mark.parametrize(
    ("field", "distance"),
    [("opens_at", timedelta()), ("expires_at", timedelta(microseconds=1)), ("closed_at", timedelta())],
)
def test_vote_at_the_edge_of_the_open_time_is_in_time(field: str, distance: timedelta) -> None:
    poll = PollFactory()
    cast(poll, poll.options.first().pk)
    at = datetime(2026, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
    Vote.objects.update(cast_at=at)
    Poll.objects.update(**{field: at + distance})

    assert findings_of(poll.pk) == []


def test_vote_at_no_time_is_named() -> None:
    poll = PollFactory()
    vote = cast(poll, poll.options.first().pk)
    Vote.objects.update(cast_at=None)

    assert lines(poll) == [f"vote {vote.pk}: it was cast at no time"]


def test_draft_with_votes_is_named() -> None:
    poll, _first, _second = voted_poll()
    Poll.objects.update(is_draft=True)

    assert lines(poll) == ["it is a draft, and has votes"]


def test_outcome_that_is_not_the_recount_is_named() -> None:
    poll, first, second = voted_poll()
    lifecycle.close_poll(poll)
    counted = PollOutcome.objects.get().outcome
    planted = replace(counted, winners=(second.pk,)).to_json()
    PollOutcome.objects.update(body=planted)

    assert counted.winners == (first.pk,)
    assert lines(poll) == [f"its stored outcome is {planted}, the recount {counted.to_json()}"]


def test_outcome_that_is_no_outcome_is_named() -> None:
    poll, _first, _second = voted_poll()
    lifecycle.close_poll(poll)
    counted = PollOutcome.objects.get().body
    PollOutcome.objects.update(body="{}")

    assert lines(poll) == [f"its stored outcome is {{}}, the recount {counted}"]


def test_outcome_of_a_poll_that_is_not_closed_is_named() -> None:
    poll, _first, _second = voted_poll()
    lifecycle.close_poll(poll)
    Poll.objects.update(closed_at=None)

    assert lines(poll) == ["its outcome is stored, though it is not closed"]


def test_outcome_of_another_version_of_its_method_is_a_remark() -> None:
    poll, _first, second = voted_poll()
    lifecycle.close_poll(poll)
    stored = PollOutcome.objects.get()
    PollOutcome.objects.update(body=replace(stored.outcome, version=0, winners=(second.pk,)).to_json())

    sentence = "its outcome was counted by version 0 of its method, so version 1 cannot say"
    assert findings_of(poll.pk) == [Finding(poll.pk, sentence, Kind.REMARK)]


def test_poll_of_a_method_that_is_gone_is_named() -> None:
    poll, first, _second = voted_poll()
    lifecycle.close_poll(poll)
    Poll.objects.update(method="gone")
    StoredBallot.objects.filter(body=str(first.pk)).update(counted=0)

    assert lines(poll) == [
        "its method gone is not registered, so nobody can count it",
        f"ballot {ballot_of(first).pk}: counted 0 and ledger +0 make 0, its votes are 2",
    ]


def test_poll_with_one_option_is_a_remark_unless_it_is_a_draft() -> None:
    found = [findings_of(PollFactory(options=1, is_draft=is_draft).pk) for is_draft in (False, True)]

    [[remark], nothing] = found
    assert (remark.sentence, remark.kind, nothing) == ("it has fewer than two options", Kind.REMARK, [])


@pytest.mark.django_db(transaction=True)
def test_rows_that_belong_to_nothing_are_named() -> None:
    poll, first, _second = voted_poll()
    lifecycle.close_poll(poll)
    other, gone, gone_ballot = PollFactory(options=0), uuid4(), 1
    vote = Vote.objects.first()
    ballot = ballot_of(first)
    entry = LedgerEntry.objects.create(ballot=ballot, delta=1)
    mark = Mark.objects.get(ballot=ballot)
    with unguarded():
        Mark.objects.filter(pk=mark.pk).update(ballot=gone_ballot)
        LedgerEntry.objects.update(ballot=gone_ballot)
        PollOption.objects.filter(pk=first.pk).update(poll=gone)
        Vote.objects.filter(pk=vote.pk).update(poll=gone)
        StoredBallot.objects.filter(pk=ballot.pk).update(poll=gone)
        PollOutcome.objects.update(poll=gone)

    assert [str(stray) for stray in strays()] == [
        f"option {first.pk}: its poll {gone} does not exist",
        f"outcome {gone}: its poll {gone} does not exist",
        f"ballot {ballot.pk}: its poll {gone} does not exist",
        f"vote {vote.pk}: its poll {gone} does not exist",
        f"mark {mark.pk}: its ballot 1 does not exist",
        f"ledger entry {entry.pk}: its ballot 1 does not exist",
    ]
    assert findings_of(other.pk) == [Finding(other.pk, "it has fewer than two options", Kind.REMARK)]


def test_ballots_that_a_method_leaves_out_are_checked_all_the_same(host_methods: None) -> None:
    poll, first, _second = voted_poll(method="impatient")
    lifecycle.close_poll(poll)
    StoredBallot.objects.filter(body=str(first.pk)).update(key="0" * 64)

    assert lines(poll) == [f"ballot {ballot_of(first).pk}: its key is not the SHA-256 of its body"]


@pytest.mark.parametrize(("edits", "found", "checks"), [(1, 0, 2), (9, 1, 3)])
def test_finding_in_a_poll_that_is_edited_meanwhile_is_looked_at_again(
    host_methods: None, edits: int, found: int, checks: int
) -> None:
    poll = PollFactory(method="approval")
    cast(poll, poll.options.first().pk)
    Poll.objects.update(method="edited")
    EditedMeanwhile.edits, EditedMeanwhile.checks = edits, 0

    assert (len(findings_of(poll.pk)), EditedMeanwhile.checks) == (found, checks)


def test_rebuild_derives_the_counts_and_leaves_the_votes() -> None:
    poll, first, second = voted_poll()
    other, _first, _second = voted_poll()
    votes = list(Vote.objects.order_by("pk").values())
    StoredBallot.objects.filter(poll=poll).update(counted=7)
    LedgerEntry.objects.create(ballot=ballot_of(second), delta=-1)
    pending = list(LedgerEntry.objects.filter(ballot__poll=other).order_by("pk").values())

    rebuild(poll.pk)

    assert findings_of(poll.pk) == []
    assert (first.vote_count, second.vote_count) == (2, 1)
    assert list(Vote.objects.order_by("pk").values()) == votes
    assert list(LedgerEntry.objects.order_by("pk").values()) == pending


def test_rebuild_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(exceptions.PollNotFound):
        rebuild(uuid4())


def test_rebuild_from_votes_without_ballots_is_refused() -> None:
    poll, first, _second = voted_poll()
    Vote.objects.update(ballot=None)

    with pytest.raises(verification.VotesWithoutBallot):
        rebuild(poll.pk)

    assert first.vote_count == 2


VOTERS = 4
VOTES = 25


def vote_often(poll: Poll, option_ids: list[int], start: threading.Barrier) -> None:
    """Cast, change and withdraw in a thread of its own."""
    start.wait()
    try:
        for number in range(VOTES):
            voter = Voter(uuid4())
            cast_vote(poll, voter, Ballot.of(option_ids[number % 2]))
            if number % 3 == 0:
                replace_vote(poll, voter, Ballot.of(option_ids[(number + 1) % 2]))
            if number % 5 == 0:
                withdraw_vote(poll, voter)
    finally:
        connections.close_all()


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_rebuild_and_compaction_among_voters_keep_every_count_exact() -> None:
    poll = PollFactory(vote_change=Until.CLOSE, vote_withdrawal=Until.CLOSE)
    option_ids = [option.pk for option in poll.options.all()]
    start = threading.Barrier(VOTERS)
    voters = [threading.Thread(target=vote_often, args=(poll, option_ids, start)) for _ in range(VOTERS)]
    for voter in voters:
        voter.start()

    found = []
    while any(voter.is_alive() for voter in voters):
        rebuild(poll.pk)
        results.compact(poll)
        found += findings_of(poll.pk)
    for voter in voters:
        voter.join()

    assert found + findings_of(poll.pk) == []
    assert results.outcome_of(poll).votes == poll.votes.count() == VOTERS * VOTES * 4 // 5
