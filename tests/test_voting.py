"""Casting, replacing and withdrawing votes, one at a time: the races have files of their own."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import OperationalError, ProgrammingError, transaction

from django_polls import definitions, exceptions, lifecycle, signals, statements, voting
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Ballot as StoredBallot
from django_polls.models import LedgerEntry, Mark, Poll, Vote
from django_polls.models.clock import database_now
from django_polls.models.polls import Electorate, GuestIdentity, Until
from django_polls.results import compact, outcome_of
from django_polls.voting import cast_vote, poll_for_voting, replace_vote, vote_of, withdraw_vote
from tests import databases
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db


def someone() -> Voter:
    return Voter(uuid4())


def stored() -> tuple[int, int, int, int]:
    return Vote.objects.count(), StoredBallot.objects.count(), Mark.objects.count(), LedgerEntry.objects.count()


@pytest.mark.smoke
def test_cast_vote_counts_once() -> None:
    poll = PollFactory()
    first, second = poll.options.all()
    voter = someone()

    vote = cast_vote(poll, voter, Ballot.of(first.pk))
    with pytest.raises(exceptions.AlreadyVoted):
        cast_vote(poll, voter, Ballot.of(second.pk))

    assert (first.vote_count, second.vote_count) == (1, 0)
    assert list(poll.votes.values_list("pk", "voter_key")) == [(vote.pk, voter.key)]
    assert stored() == (1, 1, 1, 1)


def test_cast_vote_stores_what_it_returns() -> None:
    poll, user = PollFactory(), UserFactory()
    option = poll.options.first()

    before = database_now()
    vote = cast_vote(poll, Voter.from_user(user), Ballot.of(option.pk))
    after = database_now()

    kept = Vote.objects.get()
    assert (kept.pk, kept.poll, kept.voter, kept.cast_at) == (vote.pk, poll, user, vote.cast_at)
    assert (kept.ballot.body, kept.ballot_id) == (str(option.pk), vote.ballot_id)
    assert kept.cast_at is not None
    assert before <= kept.cast_at <= after


def test_cast_vote_on_a_copy_that_is_old_takes_the_new_definition() -> None:
    poll = PollFactory(electorate=Electorate.USERS)
    first, second = poll.options.all()
    with pytest.raises(exceptions.AuthenticationRequired):
        cast_vote(poll, someone(), Ballot.of(first.pk))
    edited = Poll.objects.get(pk=poll.pk)
    edited.electorate = Electorate.ANYONE
    edited.save()

    cast_vote(poll, someone(), Ballot.of(second.pk))

    assert second.vote_count == 1


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"opens_at": timedelta(minutes=1)}, exceptions.PollNotOpen),
        ({"expires_at": -timedelta(seconds=1)}, exceptions.PollClosed),
        ({"closed_at": -timedelta(seconds=1)}, exceptions.PollClosed),
    ],
)
@pytest.mark.parametrize("in_the_copy", [True, False])
def test_cast_vote_outside_the_open_time_leaves_nothing(
    fields: dict[str, timedelta], refusal: type[exceptions.PollError], in_the_copy: bool
) -> None:
    poll = PollFactory()
    option = poll.options.first()
    if in_the_copy:
        definitions.load(poll.pk, "default")
    Poll.objects.filter(pk=poll.pk).update(**{name: database_now() + delta for name, delta in fields.items()})

    with pytest.raises(refusal):
        cast_vote(poll, someone(), Ballot.of(option.pk))

    assert stored() == (0, 0, 0, 0)


@pytest.mark.postgres
def test_cast_vote_without_the_database_function_counts_once_too() -> None:
    poll, closed = PollFactory(), PollFactory(expires_at=database_now() - timedelta(seconds=1))
    first, second = poll.options.all()
    voter = someone()

    with databases.without_cast_function():
        cast_vote(poll, voter, Ballot.of(first.pk))
        with pytest.raises(exceptions.AlreadyVoted):
            cast_vote(poll, voter, Ballot.of(second.pk))
        with pytest.raises(exceptions.PollClosed):
            cast_vote(closed, voter, Ballot.of(closed.options.first().pk))
        replace_vote(poll, voter, Ballot.of(first.pk))

    assert (first.vote_count, second.vote_count) == (1, 0)
    assert stored() == (1, 1, 1, 1)


def test_cast_vote_in_a_draft_is_not_found() -> None:
    poll = PollFactory(is_draft=True)

    with pytest.raises(exceptions.PollNotFound):
        cast_vote(poll, someone(), Ballot.of(poll.options.first().pk))


def test_cast_vote_with_a_stale_revision_is_refused() -> None:
    poll = PollFactory()
    option = poll.options.first()
    revision = Poll.objects.get(pk=poll.pk).revision

    with pytest.raises(exceptions.PollChanged):
        cast_vote(poll, someone(), Ballot.of(option.pk), revision=revision - 1)
    cast_vote(poll, someone(), Ballot.of(option.pk), revision=revision)

    assert option.vote_count == 1


def test_cast_vote_for_an_option_of_another_poll_leaves_nothing() -> None:
    poll, other = PollFactory(), PollFactory()

    with pytest.raises(exceptions.UnknownOption):
        cast_vote(poll, someone(), Ballot.of(other.options.first().pk))

    assert stored() == (0, 0, 0, 0)


def test_cast_vote_inside_the_host_s_transaction_is_undone_with_it() -> None:
    poll = PollFactory()
    option = poll.options.first()
    voter = someone()

    with transaction.atomic():
        cast_vote(poll, voter, Ballot.of(option.pk))
        transaction.set_rollback(True)
    cast_vote(poll, voter, Ballot.of(option.pk))

    assert option.vote_count == 1


def test_refused_vote_leaves_the_host_s_transaction_usable() -> None:
    poll = PollFactory()
    option = poll.options.first()
    voter = someone()
    cast_vote(poll, voter, Ballot.of(option.pk))

    with transaction.atomic(), pytest.raises(exceptions.AlreadyVoted):
        cast_vote(poll, voter, Ballot.of(option.pk))

    assert option.vote_count == 1


def test_group_members_alone_vote_where_the_poll_says_so() -> None:
    group = Group.objects.create(name="board")
    poll = PollFactory(electorate=Electorate.GROUPS)
    poll.groups.add(group)
    member, stranger = UserFactory(), UserFactory()
    member.groups.add(group)
    option = poll.options.first()

    with pytest.raises(exceptions.NotEligible):
        cast_vote(poll, Voter.from_user(stranger), Ballot.of(option.pk))
    with pytest.raises(exceptions.AuthenticationRequired):
        cast_vote(poll, someone(), Ballot.of(option.pk))
    cast_vote(poll, Voter.from_user(member), Ballot.of(option.pk))

    assert option.vote_count == 1


def test_replace_vote_same_ballot_always_succeeds() -> None:
    poll = PollFactory()
    first, second = poll.options.all()
    voter = someone()

    cast = replace_vote(poll, voter, Ballot.of(first.pk))
    again = replace_vote(poll, voter, Ballot.of(first.pk))
    with pytest.raises(exceptions.ChangeNotAllowed):
        replace_vote(poll, voter, Ballot.of(second.pk))
    lifecycle.close_poll(poll)
    after_close = replace_vote(poll, voter, Ballot.of(first.pk))

    assert again == cast == after_close
    assert (first.vote_count, second.vote_count) == (1, 0)


def test_replace_vote_different_ballot_moves_the_vote_where_allowed() -> None:
    poll = PollFactory(vote_change=Until.CLOSE)
    first, second = poll.options.all()
    voter = someone()
    cast = cast_vote(poll, voter, Ballot.of(first.pk))

    changed = replace_vote(poll, voter, Ballot.of(second.pk))

    kept = vote_of(poll, voter)
    assert (kept.pk, kept.ballot.body, kept.cast_at) == (cast.pk, str(second.pk), changed.cast_at)
    assert (first.vote_count, second.vote_count) == (0, 1)
    assert compact(poll) == 3
    assert (first.vote_count, second.vote_count) == (0, 1)


def test_replace_vote_by_what_stands_is_answered_to_whoever_may_not_vote_any_more() -> None:
    group, user = Group.objects.create(name="board"), UserFactory()
    poll = PollFactory(electorate=Electorate.GROUPS, vote_change=Until.CLOSE)
    poll.groups.add(group)
    user.groups.add(group)
    voter, (first, second) = Voter.from_user(user), poll.options.all()
    vote = cast_vote(poll, voter, Ballot.of(first.pk))
    user.groups.clear()
    voter = Voter.from_user(get_user_model().objects.get(pk=user.pk))

    again = replace_vote(poll, voter, Ballot.of(first.pk))
    with pytest.raises(exceptions.NotEligible):
        replace_vote(poll, voter, Ballot.of(second.pk))

    assert (again.pk, again.cast_at, first.vote_count, second.vote_count) == (vote.pk, vote.cast_at, 1, 0)


def test_replace_vote_after_the_close_changes_nothing() -> None:
    poll = PollFactory(vote_change=Until.CLOSE)
    first, second = poll.options.all()
    voter = someone()
    cast_vote(poll, voter, Ballot.of(first.pk))
    lifecycle.close_poll(poll)

    with pytest.raises(exceptions.PollClosed):
        replace_vote(poll, voter, Ballot.of(second.pk))

    assert (first.vote_count, second.vote_count) == (1, 0)


def test_withdraw_vote_where_allowed_frees_the_voter() -> None:
    poll = PollFactory(vote_withdrawal=Until.CLOSE)
    first, second = poll.options.all()
    voter = someone()
    cast_vote(poll, voter, Ballot.of(first.pk))

    withdraw_vote(poll, voter)
    with pytest.raises(exceptions.VoteNotFound):
        withdraw_vote(poll, voter)
    cast_vote(poll, voter, Ballot.of(second.pk))

    assert (first.vote_count, second.vote_count) == (0, 1)
    assert outcome_of(poll).votes == 1


def test_withdraw_vote_elsewhere_is_refused() -> None:
    poll = PollFactory()
    option = poll.options.first()
    voter = someone()
    cast_vote(poll, voter, Ballot.of(option.pk))

    with pytest.raises(exceptions.WithdrawalNotAllowed):
        withdraw_vote(poll, voter)

    assert option.vote_count == 1


def test_guest_of_another_kind_is_refused() -> None:
    by_cookie = PollFactory(guest_identity=GuestIdentity.COOKIE)
    by_address = PollFactory()

    with pytest.raises(exceptions.VoterTokenRequired):
        cast_vote(by_cookie, Voter.from_address("192.0.2.1", by_cookie), Ballot.of(by_cookie.options.first().pk))
    with pytest.raises(exceptions.VoterAddressUnknown):
        cast_vote(by_address, Voter.from_token(b"token"), Ballot.of(by_address.options.first().pk))

    assert stored() == (0, 0, 0, 0)


def test_vote_in_a_poll_that_is_gone_is_not_found() -> None:
    poll = PollFactory()
    option = poll.options.first()
    definitions.load(poll.pk, "default")
    lifecycle.delete_poll(Poll.objects.get(pk=poll.pk))

    for verb in (cast_vote, replace_vote):
        with pytest.raises(exceptions.PollNotFound):
            verb(poll, someone(), Ballot.of(option.pk))
    with pytest.raises(exceptions.PollNotFound):
        withdraw_vote(poll, someone())


@pytest.mark.django_db(transaction=True)
def test_cast_vote_refused_inside_the_hosts_transaction_leaves_it_usable() -> None:
    poll = PollFactory()
    option = poll.options.first()
    voter = someone()
    cast_vote(poll, voter, Ballot.of(option.pk))

    with transaction.atomic():
        with pytest.raises(exceptions.AlreadyVoted):
            cast_vote(poll, voter, Ballot.of(option.pk))
        cast_vote(poll, someone(), Ballot.of(option.pk))

    assert option.vote_count == 2


@pytest.mark.django_db(transaction=True)
def test_vote_of_a_user_who_is_gone_is_for_somebody_to_log_in() -> None:
    voter = Voter.from_user(UserFactory())
    get_user_model().objects.all().delete()
    option = PollFactory().options.first()

    with pytest.raises(exceptions.AuthenticationRequired):
        cast_vote(option.poll, voter, Ballot.of(option.pk))

    assert stored() == (0, 0, 0, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_vote_after_the_database_function_is_gone_is_counted_too() -> None:
    poll = PollFactory()
    first, second = poll.options.all()
    for option in (first, second):
        cast_vote(poll, someone(), Ballot.of(option.pk))
    believed = statements.has_cast_function("default")

    with databases.without_cast_function(known=True):
        cast_vote(poll, someone(), Ballot.of(first.pk))
        cast_vote(poll, someone(), Ballot.of(second.pk))
        known = statements.has_cast_function("default")

    assert (believed, known, first.vote_count, second.vote_count) == (True, False, 2, 2)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_host_s_transaction_that_misses_the_database_function_fails_once() -> None:
    option = PollFactory().options.first()
    cast_vote(option.poll, someone(), Ballot.of(option.pk))
    statements.has_cast_function("default")

    with databases.without_cast_function(known=True):
        with pytest.raises(ProgrammingError), transaction.atomic():
            cast_vote(option.poll, someone(), Ballot.of(option.pk))
        with transaction.atomic():
            cast_vote(option.poll, someone(), Ballot.of(option.pk))

    assert option.vote_count == 2


@pytest.mark.django_db(transaction=True)
def test_host_s_transaction_that_the_database_gave_up_on_is_never_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    poll = PollFactory()
    option = poll.options.first()
    heard: list[object] = []
    hear = lambda vote, **_told: heard.append(vote)  # noqa: E731  a receiver is kept for as long as its name
    signals.vote_cast.connect(hear)

    def busy(_new: object, _using: str) -> None:
        raise OperationalError("the database is locked")

    try:
        with transaction.atomic():
            cast_vote(poll, someone(), Ballot.of(option.pk))
            monkeypatch.setattr(statements, "insert_vote", busy)
            with pytest.raises(exceptions.TryAgain):
                cast_vote(poll, someone(), Ballot.of(option.pk))
    finally:
        signals.vote_cast.disconnect(hear)

    assert (heard, stored()) == ([], (0, 0, 0, 0))


@pytest.mark.django_db(transaction=True)
def test_ballot_that_the_database_has_lost_is_stored_again() -> None:
    poll = PollFactory()
    option = poll.options.first()
    cast_vote(poll, someone(), Ballot.of(option.pk))
    statements.delete_votes(poll.pk, "default")

    cast_vote(poll, someone(), Ballot.of(option.pk))

    assert (option.vote_count, stored()) == (1, (1, 1, 1, 1))


@pytest.mark.django_db(transaction=True)
def test_votes_are_compacted_whatever_is_refused_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voting, "COMPACT_EVERY", 10)
    poll = PollFactory()
    option = poll.options.first()

    for number in range(30):
        cast_vote(poll, someone(), Ballot.of(option.pk))
        if number % 5 == 0:
            poll_for_voting(poll.pk, fresh=True)

    assert (LedgerEntry.objects.count(), option.vote_count) == (0, 30)


@pytest.mark.django_db(transaction=True)
def test_receiver_may_do_with_the_poll_what_it_likes() -> None:
    poll = PollFactory()
    option = poll.options.first()
    cast_vote(poll, someone(), Ballot.of(option.pk))

    def spoil(poll: Poll, **_told: object) -> None:
        poll.electorate, poll.revision = "nobody", 0

    signals.vote_cast.connect(spoil)
    try:
        for _vote in range(2):
            cast_vote(poll, someone(), Ballot.of(option.pk))
    finally:
        signals.vote_cast.disconnect(spoil)

    assert option.vote_count == 3


def test_two_ballots_of_one_hash_are_never_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    poll = PollFactory()
    first, second = poll.options.all()
    cast_vote(poll, someone(), Ballot.of(first.pk))
    monkeypatch.setattr(Ballot, "key", Ballot.of(first.pk).key)

    with pytest.raises(RuntimeError, match="same SHA-256"):
        cast_vote(poll, someone(), Ballot.of(second.pk))

    assert (first.vote_count, second.vote_count) == (1, 0)


@pytest.mark.parametrize("verb", [cast_vote, replace_vote])
def test_vote_that_never_gets_an_answer_is_to_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, verb: Callable[..., Vote]
) -> None:
    poll = PollFactory()
    option = poll.options.all()[0]
    cast_vote(poll, someone(), Ballot.of(option.pk))
    monkeypatch.setattr(statements, "insert_vote", lambda _new, _using: None)

    with pytest.raises(exceptions.TryAgain):
        verb(poll, someone(), Ballot.of(option.pk))

    assert option.vote_count == 1
