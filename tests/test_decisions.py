"""When a poll is decided: abstentions, quorum, the share needed, and the tie for the last place."""

from dataclasses import replace
from hashlib import sha256
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from pytest_django import Settings

from django_polls import exceptions, lifecycle, results
from django_polls.identity import Voter
from django_polls.lifecycle import PollDraft
from django_polls.methods.ballots import Ballot, CountedBallot, Word
from django_polls.methods.counting import count_ballots
from django_polls.methods.outcomes import Result, Tie, Verdict
from django_polls.methods.rules import FinalTies, Ties
from django_polls.models import Poll
from django_polls.models.clock import database_now
from django_polls.models.counting import LastTies
from django_polls.models.polls import Electorate
from django_polls.policies import Policy
from django_polls.verification import findings_of
from django_polls.voting import cast_vote
from tests.factories import PollFactory, UserFactory
from tests.ways import METHODS, WAYS, Way, each_method, each_way

pytestmark = pytest.mark.django_db

ABSTAIN, NONE = Ballot(word=Word.ABSTAIN), Ballot(word=Word.NONE_OF_THESE)


def cast(poll: Poll, *ballots: Ballot) -> None:
    for ballot in ballots:
        cast_vote(poll, Voter(uuid4()), ballot)


def options(poll: Poll) -> list[int]:
    return [option.pk for option in poll.options.all()]


def pass_deadline(poll: Poll) -> Poll:
    """Return the poll after its deadline, which nobody has recorded."""
    Poll.objects.filter(pk=poll.pk).update(expires_at=database_now())
    return Poll.objects.get(pk=poll.pk)


def poll_of_members(members: int, **fields: object) -> Poll:
    """Return an open poll of a group of so many."""
    poll, group = PollFactory(electorate=Electorate.GROUPS, **fields), Group.objects.create(name="board")
    poll.groups.add(group)
    for _member in range(members):
        UserFactory().groups.add(group)
    return Poll.objects.get(pk=poll.pk)


def cast_as_members(poll: Poll, *ballots: Ballot) -> None:
    for user, ballot in zip(poll.groups.get().user_set.order_by("pk"), ballots, strict=False):
        cast_vote(poll, Voter.from_user(user), ballot)


@pytest.mark.parametrize("way", [way for way in WAYS if way.method != "yes_no"], ids=str)
def test_abstentions_count_as_votes_and_for_no_option(way: Way) -> None:
    poll, ballots = way.open_poll(allows_abstention=True, quorum=3)
    cast(poll, ballots[0])
    alone = results.outcome_of(poll)
    cast(poll, ABSTAIN, ABSTAIN)

    with_them = results.outcome_of(poll)

    assert (with_them.votes, with_them.abstentions, with_them.base) == (3, 2, 1)
    assert [outcome.option_votes for outcome in (alone, with_them)] == [alone.option_votes] * 2
    assert [outcome.winners for outcome in (alone, with_them)] == [alone.winners] * 2
    assert (alone.verdict, with_them.verdict) == (Verdict(Result.NO_QUORUM, 3), Verdict(Result.PASSED, 3))
    assert findings_of(poll.pk) == []


@pytest.mark.parametrize(
    ("ballot", "refusal"),
    [(ABSTAIN, exceptions.AbstentionNotAllowed), (NONE, exceptions.NoneOfTheseNotAllowed)],
)
@each_way
def test_words_that_the_poll_does_not_take_are_refused(
    way: Way, ballot: Ballot, refusal: type[exceptions.PollError]
) -> None:
    poll, _ballots = way.open_poll()

    with pytest.raises(refusal):
        cast(poll, ballot)

    assert (poll.votes.count(), poll.ballots.count()) == (0, 0)


def test_word_with_marks_is_refused() -> None:
    poll = PollFactory(allows_abstention=True)
    marked = Ballot(Ballot.of(options(poll)[0]).marks, Word.ABSTAIN)

    with pytest.raises(exceptions.InvalidBallot):
        cast(poll, marked)

    assert poll.votes.count() == 0


def test_word_that_is_no_longer_allowed_is_named() -> None:
    poll = PollFactory(allows_abstention=True)
    cast(poll, ABSTAIN)
    Poll.objects.update(allows_abstention=False)

    sentence = f"ballot {poll.ballots.get().pk}: it has votes, and breaks the poll's rules: abstention_not_allowed"
    assert [finding.sentence for finding in findings_of(poll.pk)] == [sentence]


def test_none_of_these_is_a_vote_against_each_option() -> None:
    poll = PollFactory(allows_abstention=True, allows_none_of_these=True, pass_threshold="1/2")
    first, second = options(poll)
    cast(poll, Ballot.of(first), Ballot.of(first), Ballot.of(second), ABSTAIN, ABSTAIN)
    passed = results.outcome_of(poll)
    cast(poll, NONE, NONE)

    failed = results.outcome_of(poll)

    assert passed.verdict == Verdict(Result.PASSED, support=2, base=3, threshold="0.5")
    assert failed.verdict == Verdict(Result.FAILED, support=2, base=5, threshold="0.5")
    assert (failed.winners, failed.votes, failed.abstentions, failed.none_of_these) == ((first,), 7, 2, 2)


def test_share_that_is_just_reached_passes() -> None:
    poll = PollFactory(pass_threshold="2/3")
    first, second = options(poll)
    cast(poll, Ballot.of(first), Ballot.of(first), Ballot.of(second))
    passed = results.outcome_of(poll)
    cast(poll, Ballot.of(second))

    failed = results.outcome_of(poll)

    assert passed.verdict == Verdict(Result.PASSED, support=2, base=3, threshold="2/3")
    assert failed.verdict == Verdict(Result.FAILED, support=2, base=4, threshold="2/3")


@each_way
def test_poll_without_votes_is_not_decided(way: Way) -> None:
    threshold = {} if "seats" in way.fields else {"pass_threshold": "1/2"}
    poll, _ballots = way.open_poll(quorum=1, **threshold)

    closed = lifecycle.close_poll(poll)

    assert results.outcome_of(closed).verdict.result == Result.NO_QUORUM
    assert findings_of(poll.pk) == []


@each_method
def test_quorum_as_a_share_is_pending_until_the_close_is_recorded(way: Way) -> None:
    poll = poll_of_members(4, quorum_share="1/2", method=way.method, options=way.options, **way.fields)
    agreed, *_others = way.ballots(options(poll))
    cast_as_members(poll, agreed, agreed)
    while_open = results.outcome_of(poll)
    expired = pass_deadline(poll)
    after_deadline = results.outcome_of(expired)

    stored = results.finalise(expired)

    recorded = Poll.objects.get(pk=poll.pk)
    assert [while_open.verdict, after_deadline.verdict] == [Verdict(Result.PENDING)] * 2
    assert (stored.outcome.verdict, recorded.electorate_size) == (Verdict(Result.PASSED, quorum=2), 4)
    assert results.outcome_of(recorded) == stored.outcome
    assert findings_of(poll.pk) == []


@pytest.mark.parametrize(
    ("share", "verdict"),
    [
        ("1/3", Verdict(Result.PASSED, quorum=2)),
        ("0.4", Verdict(Result.PASSED, quorum=2)),
        ("0.401", Verdict(Result.NO_QUORUM, quorum=3)),
        ("1", Verdict(Result.NO_QUORUM, quorum=5)),
    ],
)
def test_quorum_is_the_next_whole_number_of_active_members_at_the_close(share: str, verdict: Verdict) -> None:
    poll = poll_of_members(5, quorum_share=share)
    first, _second = options(poll)
    UserFactory(is_active=False).groups.add(poll.groups.get())
    cast_as_members(poll, Ballot.of(first), Ballot.of(first))

    lifecycle.close_poll(poll)
    UserFactory().groups.add(poll.groups.get())

    recorded = Poll.objects.get(pk=poll.pk)
    assert (recorded.electorate_size, results.outcome_of(recorded).verdict) == (5, verdict)
    assert findings_of(poll.pk) == []


def test_quorum_of_a_group_without_members_is_never_reached() -> None:
    closed = lifecycle.close_poll(poll_of_members(0, quorum_share="1/2"))

    assert results.outcome_of(closed).verdict == Verdict(Result.NO_QUORUM, quorum=1)


def test_quorum_of_a_poll_that_the_host_s_own_code_closed_is_decided_too() -> None:
    poll = poll_of_members(4, quorum_share="1/2")
    Poll.objects.filter(pk=poll.pk).update(closed_at=database_now())

    stored = results.finalise(poll)

    assert stored.outcome.verdict == Verdict(Result.NO_QUORUM, quorum=2)
    assert findings_of(poll.pk) == []


def test_size_of_the_electorate_is_recorded_where_the_quorum_is_a_share_of_it_alone() -> None:
    closed = [
        lifecycle.close_poll(poll)
        for poll in (poll_of_members(2, quorum=1), PollFactory(quorum_share="1/2"), PollFactory())
    ]

    assert [Poll.objects.get(pk=poll.pk).electorate_size for poll in closed] == [None, None, None]


class HouseholdPolicy(Policy):
    """A host's whose electorate is not what its groups hold."""

    def electorate_size(self, poll: Poll) -> int:
        return 40


def test_site_says_how_many_may_vote(settings: Settings) -> None:
    settings.DJANGO_POLLS_POLICY = "tests.test_decisions.HouseholdPolicy"
    poll = poll_of_members(1, quorum_share="1/2")
    cast_as_members(poll, Ballot.of(options(poll)[0]))

    closed = lifecycle.close_poll(poll)

    assert results.outcome_of(closed).verdict == Verdict(Result.NO_QUORUM, quorum=20)


@pytest.mark.parametrize("way", [way for way in METHODS if way.method in {"approval", "ranked"}], ids=str)
def test_outcome_remembered_of_an_open_poll_is_not_shown_after_the_close(way: Way) -> None:
    poll, ballots = way.open_poll()
    first, second, _third = options(poll)
    cast(poll, *ballots[:2])
    read = [results.outcome_of(poll) for _time in range(2)]
    expired = pass_deadline(poll)
    read += [results.outcome_of(expired) for _time in range(2)]

    stored = results.finalise(expired).outcome

    assert (read[1] is read[0], read[3] is read[2], read[2]) == (True, True, stored)
    assert [(outcome.winners, outcome.ties[-1].broken_by) for outcome in (read[0], stored)] == [
        ((first, second), "at_close"),
        (seed_winner(poll, [first, second]), "seed"),
    ]


def seed_winner(poll: Poll, tied: list[int]) -> tuple[int, ...]:
    """Return who wins by the published seed: the option whose id, after the seed and a colon, has the least SHA-256."""
    seed = bytes(Poll.objects.get(pk=poll.pk).tie_seed or b"")
    return (min(tied, key=lambda option_id: sha256(seed + f":{option_id}".encode()).digest()),)


@pytest.mark.parametrize("method", ["single", "approval"])
def test_tie_goes_by_the_seed_once_the_poll_is_closed(method: str) -> None:
    for _poll in range(8):
        poll = PollFactory(method=method, options=3)
        first, second, third = options(poll)
        cast(poll, Ballot.of(first), Ballot.of(second), Ballot.of(first), Ballot.of(second), Ballot.of(third))
        while_open = results.outcome_of(poll)

        closed = lifecycle.close_poll(poll)

        winners = seed_winner(closed, [first, second])
        told = results.outcome_of(closed)
        assert (while_open.winners, while_open.ties) == (
            (first, second),
            (Tie((first, second), "at_close", (first, second)),),
        )
        assert (told.tie_rule, told.winners, told.ties) == (
            "seed",
            winners,
            (Tie((first, second), "seed", winners),),
        )
        assert findings_of(poll.pk) == []


def test_tie_that_is_declared_stays_one() -> None:
    poll = PollFactory(final_ties=LastTies.DECLARE)
    first, second = options(poll)
    cast(poll, Ballot.of(first), Ballot.of(second))
    while_open = results.outcome_of(poll)

    closed = lifecycle.close_poll(poll)

    assert results.outcome_of(closed) == while_open
    assert (while_open.tie_rule, while_open.winners, while_open.ties) == ("declare", (first, second), ())


def test_tie_of_a_proposal_leaves_things_as_they_are_whatever_the_seed() -> None:
    poll = lifecycle.create_poll(PollDraft({"title": "Proposal", "method": "yes_no"}))
    agree, disagree, _abstain, _block = options(poll)
    cast(poll, Ballot.of(agree), Ballot.of(disagree))
    while_open = results.outcome_of(poll)

    closed = lifecycle.close_poll(poll)

    assert results.outcome_of(closed) == while_open
    assert (while_open.winners, while_open.verdict) == ((disagree,), Verdict(Result.FAILED))


def test_each_poll_has_a_seed_of_its_own_and_a_copy_another() -> None:
    poll = PollFactory()
    polls: list[Poll] = [poll, PollFactory(), lifecycle.copy_poll(poll)]

    seeds = {bytes(Poll.objects.get(pk=each.pk).tie_seed or b"") for each in polls}
    hashes = {Poll.objects.get(pk=each.pk).tie_seed_hash for each in polls}

    assert {len(seed) for seed in seeds} == {32}
    assert hashes == {sha256(seed).hexdigest() for seed in seeds}
    assert len(hashes) == 3


@each_way
def test_outcome_of_an_open_poll_knows_the_hash_of_its_seed_alone(way: Way) -> None:
    poll, ballots = way.open_poll()
    cast(poll, *ballots)
    public = Ties(bytes.fromhex(poll.tie_seed_hash), FinalTies.SEED, is_settled=False)

    read = results.outcome_of(poll)

    cast_once = [CountedBallot(ballot.body, 1) for ballot in ballots]
    assert read == count_ballots(poll.voting_method, cast_once, replace(poll.final_rules, ties=public))
    assert bytes(poll.tie_seed or b"").hex() not in read.to_json()


def without_seed(**fields: object) -> Poll:
    """Return a poll as it was made before polls had seeds."""
    poll = PollFactory(**fields)
    Poll.objects.filter(pk=poll.pk).update(tie_seed=None)
    return Poll.objects.get(pk=poll.pk)


def test_poll_with_votes_gets_no_seed_any_more() -> None:
    old = without_seed(final_ties=LastTies.DECLARE)
    tied = options(old)
    cast(old, *map(Ballot.of, tied))

    old.save()
    lifecycle.edit_poll(old, PollDraft({"correction": "Noted."}))
    closed = lifecycle.close_poll(old)
    lifecycle.edit_poll(closed, PollDraft({"correction": "Noted again."}))

    assert results.outcome_of(closed).winners == tuple(tied)
    assert (Poll.objects.get(pk=old.pk).tie_seed, closed.tie_seed_hash) == (None, "")


def test_poll_without_votes_gets_a_seed_when_it_is_edited_or_opened() -> None:
    open_poll, draft, closed = without_seed(), without_seed(is_draft=True), without_seed(closed_at=database_now())

    lifecycle.edit_poll(open_poll, PollDraft({"title": "Other"}))
    lifecycle.open_poll(draft)
    lifecycle.edit_poll(closed, PollDraft({"correction": "Noted."}))

    hashes = [Poll.objects.get(pk=poll.pk).tie_seed_hash for poll in (open_poll, draft, closed)]
    assert [len(each) for each in hashes] == [64, 64, 0]
    assert hashes[0] != hashes[1]
