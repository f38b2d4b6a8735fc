"""A poll's life in any order: after every step the database says what a plain dictionary says."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
)

from django_polls import exceptions, statements
from django_polls.exceptions import PollError
from django_polls.identity import Voter
from django_polls.lifecycle import (
    OptionDraft,
    PollDraft,
    close_poll,
    copy_poll,
    create_poll,
    delete_poll,
    edit_poll,
    open_poll,
)
from django_polls.methods.ballots import Ballot, CountedBallot, Word
from django_polls.methods.counting import count_ballots
from django_polls.methods.outcomes import Outcome
from django_polls.models import Poll, PollOutcome, Vote
from django_polls.models.clock import database_now
from django_polls.models.polls import Status, Until
from django_polls.results import compact, finalise, outcome_of
from django_polls.verification import findings_of
from django_polls.voting import cast_vote, replace_vote, withdraw_vote
from tests.factories import UserFactory
from tests.ways import BY_METHOD, WAYS, Way

pytestmark = pytest.mark.django_db(transaction=True)

VOTERS = 4
POLLS = 3


@dataclass
class Expected:
    """What is known of a poll: its rules, the ballots that may be tried, and the one that each voter has cast.

    All ballots that may be tried are valid but the last, which is empty.
    """

    way: Way
    options: list[int]
    change: str = Until.NEVER
    withdrawal: str = Until.NEVER
    status: str = Status.OPEN
    title: str = "Poll"
    adds: bool = False
    max_votes: int | None = None
    places: dict[int, int] = field(default_factory=dict)
    votes: dict[UUID, Ballot] = field(default_factory=dict)
    outcome: str | None = None

    @property
    def ballots(self) -> list[Ballot]:
        words = [] if self.way.method == "yes_no" else [Ballot(word=Word.ABSTAIN)]
        return [*self.way.ballots(self.options), *words, Ballot()]

    def counts(self) -> dict[int, int]:
        """Return the votes that mark each option, on the first place where there are places."""
        marked = [mark.option_id for ballot in self.votes.values() for mark in ballot.marks if mark.rank in {None, 1}]
        return {option: marked.count(option) for option in self.options}

    def counted(self, poll: Poll) -> Outcome:
        """Return the outcome of the votes that are known of."""
        ballots = [CountedBallot(ballot.body, 1) for ballot in self.votes.values()]
        return count_ballots(poll.voting_method, ballots, poll.final_rules if self.is_closed else poll.rules)

    @property
    def is_closed(self) -> bool:
        return self.status == Status.CLOSED

    def takes(self, ballot: Ballot) -> bool:
        return self.status == Status.OPEN and ballot != Ballot()

    def is_full(self, ballot: Ballot, voter_key: UUID) -> bool:
        """Whether a cap speaks against a ballot of this voter, who keeps what he has."""
        standing = self.votes.get(voter_key)
        if standing is None and self.max_votes is not None and len(self.votes) >= self.max_votes:
            return True
        has = set() if standing is None else marked(standing)
        return any(
            self.counts()[option] >= self.places[option] for option in marked(ballot) - has if option in self.places
        )


def marked(ballot: Ballot) -> set[int]:
    return {mark.option_id for mark in ballot.marks}


class PollLife(RuleBasedStateMachine):
    """Votes, edits and closes in any order, by two users and two guests."""

    polls = Bundle("polls")
    choices = st.integers(0, 5)
    voters = st.integers(0, VOTERS - 1)

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[UUID, Expected] = {}
        self.people = [self.newcomer(number) for number in range(VOTERS)]

    def teardown(self) -> None:
        findings = [str(finding) for poll_id in self.expected for finding in findings_of(poll_id)]
        for poll in Poll.objects.all():
            delete_poll(poll, with_votes=True)
        assert findings == []
        assert Vote.objects.count() == 0

    @staticmethod
    def newcomer(number: int) -> Voter:
        return Voter.from_user(UserFactory(username=str(uuid4()))) if number % 2 else Voter(uuid4())

    @staticmethod
    def poll(poll_id: UUID) -> Poll:
        return Poll.objects.get(pk=poll_id)

    def refusal_of(self, act: Callable[[], object]) -> type[PollError] | None:
        try:
            act()
        except PollError as refusal:
            return type(refusal)
        return None

    def ballot(self, expected: Expected, choice: int) -> Ballot:
        return expected.ballots[choice % len(expected.ballots)]

    @rule(
        target=polls,
        way=st.sampled_from(WAYS),
        change=st.sampled_from(Until),
        withdrawal=st.sampled_from(Until),
        is_draft=st.booleans(),
        adds=st.booleans(),
        caps=st.sampled_from([(None, None), (None, 1), (2, None), (3, 1)]),
    )
    def create(
        self, way: Way, change: str, withdrawal: str, *, is_draft: bool, adds: bool, caps: tuple[int | None, int | None]
    ) -> UUID | object:
        if len(self.expected) >= POLLS:
            return multiple()
        max_votes, places = caps
        fields = {"vote_change": change, "vote_withdrawal": withdrawal, "is_draft": is_draft, "max_votes": max_votes}
        fields |= {"title": "Poll", "method": way.method, "count": way.count, "accepts_new_options": adds, **way.fields}
        fields |= {"allows_abstention": way.method != "yes_no"}
        first_places = places if way.method in {"single", "approval"} else None
        texts = "abcd"[: way.options]
        drafts = [OptionDraft(text, capacity=first_places if text == "a" else None) for text in texts]
        poll = create_poll(PollDraft(fields, drafts))
        options = [option.pk for option in poll.options.all()]
        self.expected[poll.pk] = Expected(
            way,
            options,
            change,
            withdrawal,
            Status.DRAFT if is_draft else Status.OPEN,
            adds=adds,
            max_votes=max_votes,
            places={} if first_places is None else {options[0]: first_places},
        )
        return poll.pk

    @rule(poll_id=polls, number=voters, choice=choices)
    def vote(self, poll_id: UUID, number: int, choice: int) -> None:
        expected, voter = self.expected[poll_id], self.people[number]
        ballot = self.ballot(expected, choice)

        refusal = self.refusal_of(lambda: cast_vote(self.poll(poll_id), voter, ballot))

        has_voted, is_full = voter.key in expected.votes, expected.is_full(ballot, voter.key)
        assert (refusal is None) == (expected.takes(ballot) and not has_voted and not is_full)
        if refusal is None:
            expected.votes[voter.key] = ballot
        elif expected.takes(ballot):
            assert (refusal is exceptions.AlreadyVoted) == has_voted
            assert refusal in {exceptions.AlreadyVoted, exceptions.PollFull, exceptions.OptionFull}

    @rule(poll_id=polls, number=voters, choice=choices)
    def replace(self, poll_id: UUID, number: int, choice: int) -> None:
        expected, voter = self.expected[poll_id], self.people[number]
        ballot, standing = self.ballot(expected, choice), expected.votes.get(voter.key)

        refusal = self.refusal_of(lambda: replace_vote(self.poll(poll_id), voter, ballot))

        may_change = standing is None or expected.change == Until.CLOSE
        is_free = may_change and not expected.is_full(ballot, voter.key)
        assert (refusal is None) == (ballot == standing or (expected.takes(ballot) and is_free))
        if refusal is None:
            expected.votes[voter.key] = ballot

    @rule(poll_id=polls, number=voters)
    def withdraw(self, poll_id: UUID, number: int) -> None:
        expected, voter = self.expected[poll_id], self.people[number]

        refusal = self.refusal_of(lambda: withdraw_vote(self.poll(poll_id), voter))

        allowed = expected.status == Status.OPEN and expected.withdrawal == Until.CLOSE
        assert (refusal is None) == (allowed and voter.key in expected.votes)
        if refusal is None:
            del expected.votes[voter.key]

    @rule(poll_id=polls)
    def open(self, poll_id: UUID) -> None:
        refusal = self.refusal_of(lambda: open_poll(self.poll(poll_id)))

        assert (refusal is None) == (self.expected[poll_id].status == Status.DRAFT)
        if refusal is None:
            self.expected[poll_id].status = Status.OPEN

    @rule(poll_id=polls)
    def close(self, poll_id: UUID) -> None:
        refusal = self.refusal_of(lambda: close_poll(self.poll(poll_id)))

        assert (refusal is None) == (self.expected[poll_id].status == Status.OPEN)
        if refusal is None:
            self.closed(poll_id)

    @rule(poll_id=polls)
    def expire(self, poll_id: UUID) -> None:
        if self.expected[poll_id].status == Status.OPEN:
            Poll.objects.filter(pk=poll_id).update(expires_at=database_now())
            read = outcome_of(self.poll(poll_id)).to_json()
            finalise(self.poll(poll_id))
            assert self.closed(poll_id) == read

    def closed(self, poll_id: UUID) -> str:
        """Note that the poll is closed, and what was stored; return it."""
        self.expected[poll_id].status = Status.CLOSED
        self.expected[poll_id].outcome = stored = PollOutcome.objects.get(poll=poll_id).body
        return stored

    @rule(poll_id=polls, title=st.sampled_from(["Poll", "Other"]))
    def rename(self, poll_id: UUID, title: str) -> None:
        expected = self.expected[poll_id]

        refusal = self.refusal_of(lambda: edit_poll(self.poll(poll_id), PollDraft({"title": title})))

        is_free = expected.status != Status.CLOSED and not expected.votes
        assert (refusal is None) == (is_free or title == expected.title)
        if refusal is None:
            expected.title = title

    @rule(poll_id=polls)
    def add_option(self, poll_id: UUID) -> None:
        expected, poll = self.expected[poll_id], self.poll(poll_id)
        options = [OptionDraft(option.text, option.pk, option.capacity) for option in poll.options.all()]

        refusal = self.refusal_of(lambda: edit_poll(poll, PollDraft(options=[*options, OptionDraft(str(uuid4()))])))

        may_add = expected.way.method != "yes_no" and not expected.is_closed and (expected.adds or not expected.votes)
        assert (refusal is None) == may_add
        expected.options = [option.pk for option in poll.options.all()]

    @rule(poll_id=polls)
    def compact(self, poll_id: UUID) -> None:
        compact(self.poll(poll_id))

    @rule(target=polls, poll_id=polls)
    def copy(self, poll_id: UUID) -> UUID | object:
        if len(self.expected) >= POLLS:
            return multiple()
        original = self.expected[poll_id]
        copy = copy_poll(self.poll(poll_id))
        options = [option.pk for option in copy.options.all()]
        rules = (original.change, original.withdrawal, Status.DRAFT, original.title, original.adds, original.max_votes)
        places = dict(zip(options, original.places.values(), strict=False))
        self.expected[copy.pk] = Expected(original.way, options, *rules, places)
        return copy.pk

    @rule(number=voters)
    def delete_user(self, number: int) -> None:
        voter = self.people[number]
        if voter.user is not None:
            voter.user.delete()
            self.people[number] = self.newcomer(number)

    @invariant()
    def database_says_the_same(self) -> None:
        for poll_id, expected in self.expected.items():
            poll = self.poll(poll_id)
            outcome = outcome_of(poll)
            assert outcome == expected.counted(poll)
            assert outcome.votes == len(expected.votes) == poll.votes.count()
            assert set(poll.votes.values_list("voter_key", flat=True)) == expected.votes.keys()
            assert {option.pk: option.vote_count for option in poll.options.all()} == expected.counts()
            assert (poll.status, poll.title) == (expected.status, expected.title)
            if expected.outcome is not None:
                assert poll.stored_outcome.body == expected.outcome == outcome.to_json()


BRIEF = settings(
    max_examples=int(os.environ.get("STATE_MACHINE_EXAMPLES", "12")),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

TestPollLife = PollLife.TestCase
TestPollLife.settings = BRIEF


def test_poll_life_finds_a_change_that_forgets_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(vote: Vote, ballot_id: int, at: datetime, using: str) -> None:
        Vote.objects.using(using).filter(pk=vote.pk).update(ballot_id=ballot_id, cast_at=at)

    monkeypatch.setattr(statements, "move_vote", forgetful)
    life = PollLife()
    life.create(BY_METHOD["single"], Until.CLOSE, Until.NEVER, is_draft=False, adds=False, caps=(None, None))
    (poll_id,) = life.expected
    life.vote(poll_id, 0, 0)
    life.database_says_the_same()

    life.replace(poll_id, 0, 1)

    with pytest.raises(AssertionError):
        life.database_says_the_same()
