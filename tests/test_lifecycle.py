"""A poll's life: create, edit, open, close, copy, delete, and what each verb announces."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.dispatch import Signal
from django.test import override_settings

from django_polls import exceptions, lifecycle, results, signals
from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft
from django_polls.methods.ballots import Ballot
from django_polls.models import Ballot as StoredBallot
from django_polls.models import LedgerEntry, Mark, Poll, PollOption, PollOutcome, Vote
from django_polls.models.clock import database_now
from django_polls.models.polls import Electorate, Status, Until, Visibility
from django_polls.voting import cast_vote, replace_vote, withdraw_vote
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db

CaptureCallbacks = Callable[..., AbstractContextManager[list[Callable[[], object]]]]

TWO = (OptionDraft("Yes"), OptionDraft("No"))


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """The names of the signals sent during the test, in order."""
    names: list[str] = []
    all_signals = {name: signal for name, signal in vars(signals).items() if type(signal) is Signal}
    for name, signal in all_signals.items():
        signal.connect(lambda name=name, **_arguments: names.append(name), weak=False, dispatch_uid="heard")
    yield names
    for signal in all_signals.values():
        signal.disconnect(dispatch_uid="heard")


def in_(**delta: float) -> datetime:
    return database_now() + timedelta(**delta)


def voted_in(poll: Poll) -> PollOption:
    option = poll.options.all()[0]
    cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))
    return option


def test_create_poll_stores_the_definition() -> None:
    user, group = UserFactory(), Group.objects.create(name="board")
    draft = PollDraft({"title": " Lunch? ", "electorate": Electorate.GROUPS}, TWO, [group])

    poll = lifecycle.create_poll(draft, created_by=user)

    kept = Poll.objects.get(pk=poll.pk)
    assert (kept.title, kept.created_by, list(kept.groups.all())) == ("Lunch?", user, [group])
    assert [(option.text, option.position) for option in kept.options.all()] == [("Yes", 0), ("No", 1)]
    assert (kept.status, kept.opened_at is not None) == (Status.OPEN, True)


@pytest.mark.parametrize(
    ("fields", "options", "at_fault"),
    [
        ({}, TWO, "title"),
        ({"title": "a" * 201}, TWO, "title"),
        ({"title": "bidi \u202e here"}, TWO, "title"),
        ({"title": "Poll", "description": "nul \x00"}, TWO, "description"),
        ({"title": "Poll", "description": "a" * 5_001}, TWO, "description"),
        ({"title": "Poll", "method": "coin"}, TWO, "method"),
        ({"title": "Poll", "created_by": 1}, TWO, "created_by"),
        ({"title": "Poll", "visibility": "sometimes"}, TWO, "visibility"),
        ({"title": "Poll", "electorate": Electorate.PERMISSION}, TWO, "permission"),
        ({"title": "Poll", "method": "approval", "min_options": 2, "max_options": 1}, TWO, "max_options"),
        ({"title": "Poll", "method": "approval", "min_options": 0, "max_options": 0}, TWO, "max_options"),
        ({"title": "Poll", "method": "approval", "max_options": 3}, TWO, "max_options"),
        ({"title": "Poll", "method": "approval", "min_options": 3}, TWO, "min_options"),
        ({"title": "Poll"}, TWO[:1], "options"),
        ({"title": "Poll"}, [OptionDraft(str(number)) for number in range(101)], "options"),
        ({"title": "Poll"}, (OptionDraft("Café"), OptionDraft(" CAFE\u0301 ")), "options"),
        ({"title": "Poll"}, (OptionDraft("fine"), OptionDraft("  ")), "options"),
        ({"title": "Poll"}, (OptionDraft("fine"), OptionDraft("tab\there")), "options"),
        ({"title": "Poll"}, (OptionDraft("fine"), OptionDraft("lone \ud800")), "options"),
        ({"title": "lone \udfff"}, TWO, "title"),
        ({"title": "Poll"}, (OptionDraft("fine"), OptionDraft("of another", id=1)), "options"),
    ],
)
def test_create_poll_names_the_field_at_fault(
    fields: dict[str, object], options: tuple[OptionDraft, ...], at_fault: str
) -> None:
    with pytest.raises(exceptions.InvalidPoll) as refusal:
        lifecycle.create_poll(PollDraft(fields, options))

    assert list(refusal.value.errors) == [at_fault]
    assert Poll.objects.count() == 0


def test_create_poll_with_times_that_cannot_be_names_the_deadline() -> None:
    for fields in (
        {"expires_at": in_(seconds=-1)},
        {"opens_at": in_(hours=2), "expires_at": in_(hours=1)},
    ):
        with pytest.raises(exceptions.InvalidPoll) as refusal:
            lifecycle.create_poll(PollDraft({"title": "Poll", **fields}, TWO))
        assert list(refusal.value.errors) == ["expires_at"]


@override_settings(DJANGO_POLLS_MAX_OPTIONS=3)
def test_create_poll_keeps_to_the_site_s_number_of_options() -> None:
    with pytest.raises(exceptions.InvalidPoll) as refusal:
        lifecycle.create_poll(PollDraft({"title": "Poll"}, [OptionDraft(str(number)) for number in range(4)]))

    assert refusal.value.errors == {"options": ["A poll has at most 3 options."]}


def test_edit_poll_before_it_opens_changes_anything() -> None:
    group = Group.objects.create(name="board")
    poll = PollFactory(is_draft=True)
    first, second = poll.options.all()
    changes = PollDraft(
        {"title": "Other", "method": "approval"},
        [OptionDraft(second.text, first.pk), OptionDraft("new"), OptionDraft(first.text, second.pk)],
        [group],
    )

    edited = lifecycle.edit_poll(poll, changes, revision=poll.revision)

    kept = Poll.objects.get(pk=poll.pk)
    assert (kept.title, kept.method, list(kept.groups.all())) == ("Other", "approval", [group])
    assert [option.text for option in kept.options.all()] == ["Option 2", "new", "Option 1"]
    assert [option.pk for option in kept.options.all()][::2] == [first.pk, second.pk]
    assert edited.revision == kept.revision > poll.revision


def test_edit_poll_after_all_votes_were_withdrawn_may_remove_options() -> None:
    poll = PollFactory(options=3, vote_withdrawal=Until.CLOSE)
    first, second, third = poll.options.all()
    voter = Voter(uuid4())
    cast_vote(poll, voter, Ballot.of(first.pk))
    withdraw_vote(poll, voter)

    lifecycle.edit_poll(poll, PollDraft(options=[OptionDraft("b", second.pk), OptionDraft("c", third.pk)]))
    cast_vote(poll, voter, Ballot.of(second.pk))

    assert [(option.text, option.vote_count) for option in poll.options.all()] == [("b", 1), ("c", 0)]


def test_groups_changed_by_the_orm_raise_the_revision() -> None:
    poll, group = PollFactory(), Group.objects.create(name="board")
    revisions = [poll.revision]

    for groups in ([group], [], [group]):
        poll.groups.set(groups)
        revisions.append(Poll.objects.get(pk=poll.pk).revision)

    poll.groups.clear()
    revisions.append(Poll.objects.get(pk=poll.pk).revision)

    assert revisions == sorted(set(revisions))


def test_edit_poll_with_an_old_revision_is_refused() -> None:
    poll = PollFactory()

    with pytest.raises(exceptions.PollChanged):
        lifecycle.edit_poll(poll, PollDraft({"title": "Other"}), revision=poll.revision - 1)

    assert Poll.objects.get(pk=poll.pk).title == "Test Poll"


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Other"},
        {"description": "Other"},
        {"method": "approval"},
        {"min_options": 2},
        {"is_draft": True},
        {"electorate": Electorate.USERS},
        {"vote_change": Until.CLOSE},
        {"opens_at": timedelta(hours=-1)},
        {"expires_at": timedelta(hours=1)},
        {"expires_at": None},
    ],
)
def test_edit_poll_after_the_first_vote_leaves_the_rules(fields: dict[str, object]) -> None:
    poll = PollFactory(expires_at=in_(hours=2))
    voted_in(poll)
    wanted = {name: database_now() + value if isinstance(value, timedelta) else value for name, value in fields.items()}

    with pytest.raises(exceptions.PollFrozen) as refusal:
        lifecycle.edit_poll(poll, PollDraft(wanted))

    assert refusal.value.params == {"fields": ", ".join(fields)}
    assert Poll.objects.get(pk=poll.pk).revision == poll.revision


def test_edit_poll_after_the_first_vote_leaves_options_and_groups() -> None:
    poll = PollFactory(accepts_new_options=True)
    first, second = (OptionDraft(option.text, option.pk) for option in poll.options.all())
    voted_in(poll)

    for options in ([second, first], [first], [first, OptionDraft("Other", second.id)], [first, OptionDraft("New")]):
        with pytest.raises(exceptions.PollFrozen):
            lifecycle.edit_poll(poll, PollDraft(options=options))
    with pytest.raises(exceptions.PollFrozen):
        lifecycle.edit_poll(poll, PollDraft(groups=[Group.objects.create(name="board")]))

    assert [option.text for option in poll.options.all()] == ["Option 1", "Option 2"]


def test_edit_poll_after_the_first_vote_notes_extends_hides_and_adds() -> None:
    poll = PollFactory(accepts_new_options=True, expires_at=in_(hours=1))
    option = voted_in(poll)
    later = in_(hours=2)
    options = [OptionDraft(option.text, option.pk) for option in poll.options.all()]
    fields = {"correction": "Not lunch: supper.", "expires_at": later, "visibility": Visibility.AFTER_VOTE}

    lifecycle.edit_poll(poll, PollDraft(fields, [*options, OptionDraft("Third")]))
    third = poll.options.last()
    cast_vote(poll, Voter(uuid4()), Ballot.of(third.pk))

    kept = Poll.objects.get(pk=poll.pk)
    assert (kept.correction, kept.expires_at, kept.visibility) == tuple(fields.values())
    assert (option.vote_count, third.text, third.vote_count) == (1, "Third", 1)


def test_edit_poll_after_the_first_vote_only_hides_results_further() -> None:
    allowed = set()
    for before in Visibility:
        for after in set(Visibility) - {before}:
            poll = PollFactory(visibility=before)
            voted_in(poll)
            try:
                lifecycle.edit_poll(poll, PollDraft({"visibility": after}))
            except exceptions.PollFrozen:
                continue
            allowed.add((before.value, after.value))

    assert allowed == {
        ("always", "after_vote"),
        ("always", "after_close"),
        ("always", "managers"),
        ("always", "never"),
        ("after_vote", "after_close"),
        ("after_vote", "never"),
        ("after_close", "never"),
        ("managers", "never"),
    }


def test_edit_poll_after_the_close_takes_a_note_and_nothing_else() -> None:
    poll = lifecycle.close_poll(PollFactory())

    lifecycle.edit_poll(poll, PollDraft({"correction": "Noted."}))
    for fields in ({"title": "Other"}, {"expires_at": in_(hours=1)}, {"is_draft": True}):
        with pytest.raises(exceptions.PollClosed):
            lifecycle.edit_poll(poll, PollDraft(fields))

    assert (Poll.objects.get(pk=poll.pk).correction, poll.status) == ("Noted.", Status.CLOSED)


def test_open_poll_opens_a_draft_and_a_scheduled_poll_now() -> None:
    draft = lifecycle.create_poll(PollDraft({"title": "Draft", "is_draft": True}, TWO))
    scheduled = lifecycle.create_poll(PollDraft({"title": "Later", "opens_at": in_(hours=1)}, TWO))

    opened = [lifecycle.open_poll(poll).status for poll in (draft, scheduled)]

    assert opened == [Status.OPEN, Status.OPEN]
    assert Poll.objects.open().count() == 2


def test_open_poll_refuses_what_cannot_open() -> None:
    with pytest.raises(exceptions.PollAlreadyOpen):
        lifecycle.open_poll(PollFactory())
    with pytest.raises(exceptions.PollClosed):
        lifecycle.open_poll(lifecycle.close_poll(PollFactory()))
    with pytest.raises(exceptions.InvalidPoll):
        lifecycle.open_poll(PollFactory(is_draft=True, options=1))
    with pytest.raises(exceptions.InvalidPoll):
        lifecycle.open_poll(PollFactory(is_draft=True, expires_at=in_(seconds=-1)))


def test_draft_voted_for_too_early_takes_votes_once_it_is_open() -> None:
    poll = PollFactory(is_draft=True)
    option = poll.options.first()
    with pytest.raises(exceptions.PollNotFound):
        cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))

    lifecycle.open_poll(poll)
    cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))

    assert option.vote_count == 1


def test_close_poll_stores_who_why_and_what() -> None:
    user, poll = UserFactory(), PollFactory()
    voted_in(poll)
    before = results.outcome_of(poll)

    lifecycle.close_poll(poll, closed_by=user, reason="Enough.")

    kept = Poll.objects.get(pk=poll.pk)
    assert (kept.closed_by, kept.close_reason, kept.status) == (user, "Enough.", Status.CLOSED)
    assert PollOutcome.objects.get().outcome == before == results.outcome_of(kept)
    assert LedgerEntry.objects.count() == 0


def test_close_poll_refuses_a_second_close_a_draft_and_a_reason_with_controls() -> None:
    with pytest.raises(exceptions.PollClosed):
        lifecycle.close_poll(lifecycle.close_poll(PollFactory()))
    with pytest.raises(exceptions.PollNotOpen):
        lifecycle.close_poll(PollFactory(is_draft=True))
    with pytest.raises(exceptions.InvalidPoll) as refusal:
        lifecycle.close_poll(PollFactory(), reason="line\nbreak")

    assert list(refusal.value.errors) == ["close_reason"]


def test_copy_poll_copies_the_definition_alone() -> None:
    owner, other, group = UserFactory(), UserFactory(), Group.objects.create(name="board")
    poll = PollFactory(method="approval", max_options=2, created_by=owner, expires_at=in_(hours=1))
    poll.groups.add(group)
    voted_in(poll)

    copy = lifecycle.copy_poll(poll, created_by=other)

    kept = Poll.objects.get(pk=copy.pk)
    assert (kept.title, kept.method, kept.max_options, kept.created_by) == ("Test Poll", "approval", 2, other)
    assert (kept.status, kept.expires_at, kept.votes.count()) == (Status.DRAFT, None, 0)
    assert [option.text for option in kept.options.all()] == ["Option 1", "Option 2"]
    assert list(kept.groups.all()) == [group]
    assert bytes(kept.address_key or b"") != bytes(Poll.objects.get(pk=poll.pk).address_key or b"")


def test_delete_poll_takes_its_votes_only_if_asked() -> None:
    poll, other = PollFactory(), PollFactory()
    voted_in(poll)
    kept = voted_in(other)

    with pytest.raises(exceptions.PollHasVotes):
        lifecycle.delete_poll(poll)
    lifecycle.delete_poll(poll, with_votes=True)

    assert list(Poll.objects.all()) == [other]
    assert (Vote.objects.count(), StoredBallot.objects.count(), Mark.objects.count()) == (1, 1, 1)
    assert kept.vote_count == 1


def test_poll_deleted_by_the_orm_takes_its_votes_along() -> None:
    poll = PollFactory()
    voted_in(poll)
    results.finalise(lifecycle.close_poll(poll))

    Poll.objects.all().delete()

    tables = (PollOption, Vote, StoredBallot, Mark, LedgerEntry, PollOutcome)
    assert [table.objects.count() for table in tables] == [0, 0, 0, 0, 0, 0]


def test_deleting_users_changes_no_tally() -> None:
    owner, voter = UserFactory(), UserFactory()
    poll, closed = PollFactory(created_by=owner), PollFactory(created_by=owner)
    option, other = poll.options.first(), closed.options.first()
    for target in (option, other):
        cast_vote(target.poll, Voter.from_user(voter), Ballot.of(target.pk))
    lifecycle.close_poll(closed, closed_by=owner)
    stored = PollOutcome.objects.get().body

    owner.delete()
    voter.delete()

    assert (option.vote_count, other.vote_count) == (1, 1)
    assert list(Vote.objects.values_list("voter", flat=True)) == [None, None]
    assert [(kept.created_by, kept.closed_by) for kept in Poll.objects.all()] == [(None, None), (None, None)]
    assert PollOutcome.objects.get().body == stored


def test_verbs_on_a_poll_that_is_gone_say_so() -> None:
    poll = PollFactory()
    Poll.objects.filter(pk=poll.pk).delete()

    for verb in (lifecycle.open_poll, lifecycle.close_poll, lifecycle.delete_poll, results.finalise):
        with pytest.raises(exceptions.PollNotFound):
            verb(poll)
    with pytest.raises(exceptions.PollNotFound):
        lifecycle.edit_poll(poll, PollDraft())


def test_address_keys_are_dropped_after_their_retention() -> None:
    old, recent, still_open = PollFactory(), PollFactory(), PollFactory()
    voter = Voter.from_address("192.0.2.1", old)
    cast_vote(old, voter, Ballot.of(old.options.first().pk))
    Poll.objects.filter(pk=old.pk).update(closed_at=in_(days=-31))
    Poll.objects.filter(pk=recent.pk).update(closed_at=in_(days=-29))

    dropped = lifecycle.drop_address_keys(), lifecycle.drop_address_keys()

    assert dropped == (1, 0)
    assert set(Poll.objects.filter(address_key=None)) == {old}
    with pytest.raises(exceptions.VoterAddressUnknown):
        Voter.from_address("192.0.2.1", Poll.objects.get(pk=old.pk))
    assert {recent, still_open} == set(Poll.objects.exclude(address_key=None))


def test_every_signal_is_sent_once_and_after_the_commit(
    heard: list[str], django_capture_on_commit_callbacks: CaptureCallbacks
) -> None:
    fields = {"title": "Poll", "vote_change": Until.CLOSE, "vote_withdrawal": Until.CLOSE}
    voter = Voter(uuid4())

    with django_capture_on_commit_callbacks(execute=True):
        poll = lifecycle.create_poll(PollDraft(fields, TWO))
        first, second = poll.options.all()
        cast_vote(poll, voter, Ballot.of(first.pk))
        replace_vote(poll, voter, Ballot.of(second.pk))
        replace_vote(poll, voter, Ballot.of(second.pk))
        withdraw_vote(poll, voter)
        with pytest.raises(exceptions.VoteNotFound):
            withdraw_vote(poll, voter)
        lifecycle.close_poll(poll)
        results.finalise(poll)
        before_the_commit = list(heard)

    assert before_the_commit == []
    assert heard == [
        "poll_opened",
        "vote_cast",
        "vote_changed",
        "vote_withdrawn",
        "vote_refused",
        "poll_closed",
        "results_finalised",
    ]


def test_close_of_a_poll_whose_method_is_gone_leaves_the_counting_for_later() -> None:
    poll = PollFactory()
    cast_vote(poll, Voter(uuid4()), Ballot.of(poll.options.first().pk))
    Poll.objects.filter(pk=poll.pk).update(method="gone")

    closed = lifecycle.close_poll(poll)
    stored_without_the_method = PollOutcome.objects.count()
    Poll.objects.filter(pk=poll.pk).update(method="single")

    assert (closed.status, stored_without_the_method) == ("closed", 0)
    assert results.finalise(poll).outcome.votes == 1


def test_outcome_of_a_poll_deleted_while_it_is_counted_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    before_counting, after_counting = PollFactory(), PollFactory()
    count = results.outcome_of

    def delete_and_compact(poll: Poll) -> None:
        lifecycle.delete_poll(poll)

    def count_and_delete(poll: Poll) -> object:
        outcome = count(poll)
        lifecycle.delete_poll(Poll.objects.get(pk=poll.pk))
        return outcome

    monkeypatch.setattr(results, "outcome_of", count_and_delete)
    with pytest.raises(exceptions.PollNotFound):
        lifecycle.close_poll(after_counting)
    monkeypatch.setattr(results, "compact", delete_and_compact)
    with pytest.raises(exceptions.PollNotFound):
        lifecycle.close_poll(before_counting)

    assert (Poll.objects.count(), PollOutcome.objects.count()) == (0, 0)


def test_poll_for_groups_names_them_and_one_for_holders_the_permission() -> None:
    group = Group.objects.create(name="board")
    drafts = [
        PollDraft({"title": "Poll", "electorate": "groups"}, TWO),
        PollDraft({"title": "Poll", "electorate": "permission", "permission": "nonsense"}, TWO),
    ]
    refused = []
    for draft in drafts:
        with pytest.raises(exceptions.InvalidPoll) as refusal:
            lifecycle.create_poll(draft)
        refused.append(refusal.value.errors)

    poll = lifecycle.create_poll(PollDraft({"title": "Poll", "electorate": "groups"}, TWO, [group]))
    lifecycle.edit_poll(poll, PollDraft({"description": "x"}))
    with pytest.raises(exceptions.InvalidPoll) as refusal:
        lifecycle.edit_poll(poll, PollDraft(groups=[]))

    assert [*refused, refusal.value.errors] == [
        {"groups": ["Name the groups whose members may vote."]},
        {"permission": ["Name the permission that voters hold, as app_label.codename."]},
        {"groups": ["Name the groups whose members may vote."]},
    ]


def test_opening_that_nobody_has_told_of_is_told_before_the_close(
    heard: list[str], django_capture_on_commit_callbacks: CaptureCallbacks
) -> None:
    by_hand, by_deadline, never_open = PollFactory(), PollFactory(), PollFactory(opens_at=in_(hours=1))
    Poll.objects.filter(pk=by_deadline.pk).update(expires_at=in_(seconds=-1))
    told = []

    for close, poll in (
        (lifecycle.close_poll, by_hand),
        (results.finalise, by_deadline),
        (lifecycle.close_poll, never_open),
    ):
        heard.clear()
        with django_capture_on_commit_callbacks(execute=True):
            close(poll)
        told.append(list(heard))

    both = ["poll_opened", "poll_closed", "results_finalised"]
    assert told == [both, both, both[1:]]


def test_record_opening_announces_a_scheduled_poll_once() -> None:
    poll = PollFactory(opens_at=in_(hours=1))
    too_early = lifecycle.record_opening(poll)
    Poll.objects.filter(pk=poll.pk).update(opens_at=in_(seconds=-1))

    recorded = lifecycle.record_opening(poll), lifecycle.record_opening(poll)

    assert (too_early, *recorded) == (False, True, False)
