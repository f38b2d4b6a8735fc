"""The reasons that voters give with a vote on a proposal: when they may or must, and what becomes of a changed one."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from django_polls import exceptions, lifecycle, results
from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote, VoteReason
from django_polls.models.counting import REASON_LENGTH, Reasons
from django_polls.models.polls import Until
from django_polls.verification import findings_of, strays
from django_polls.voting import cast_vote, reason_of, replace_vote, vote_of, withdraw_vote
from tests.factories import PollFactory
from tests.test_verification import unguarded

pytestmark = pytest.mark.django_db

BECAUSE = "It costs too much."


def someone() -> Voter:
    return Voter(uuid4())


def proposal(reasons: str, **fields: object) -> tuple[Poll, list[Ballot]]:
    """Return an open proposal, and the ballots that agree, disagree, abstain and block."""
    definition = {"title": "Proposal", "method": "yes_no", "reasons": reasons, **fields}
    poll = lifecycle.create_poll(PollDraft(definition))
    return poll, [Ballot.of(option.pk) for option in poll.options.all()]


def told(poll: Poll, ballot: Ballot, reason: str) -> str:
    """Return what a voter is told who gives this reason: a code, nothing where the vote is taken."""
    try:
        cast_vote(poll, someone(), ballot, reason=reason)
    except exceptions.PollError as refusal:
        return refusal.code
    return ""


def given(poll: Poll) -> list[str]:
    return list(VoteReason.objects.filter(vote__poll=poll).order_by("vote").values_list("text", flat=True))


@pytest.mark.parametrize(
    ("rule", "without", "with_one"),
    [
        (Reasons.OFF, ["", "", "", ""], ["reason_not_allowed"] * 4),
        (Reasons.OPTIONAL, ["", "", "", ""], ["", "", "", ""]),
        (Reasons.REQUIRED, ["reason_required"] * 4, ["", "", "", ""]),
        (Reasons.REQUIRED_FOR_DISAGREE, ["", "reason_required", "", "reason_required"], ["", "", "", ""]),
    ],
)
def test_reasons_are_given_as_the_poll_says(rule: str, without: list[str], with_one: list[str]) -> None:
    poll, ballots = proposal(rule)

    answers = [[told(poll, ballot, reason) for ballot in ballots] for reason in (" \n", BECAUSE)]

    assert answers == [without, with_one]
    assert poll.votes.count() == without.count("") + with_one.count("")
    assert given(poll) == [BECAUSE] * with_one.count("")
    assert findings_of(poll.pk) == []


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("a" * (REASON_LENGTH + 1), "reason_too_long"),
        ("nul \x00 here", "reason_invalid"),
        ("bidi \u202e here", "reason_invalid"),
        ("lone \ud800 here", "reason_invalid"),
    ],
)
def test_reason_that_cannot_be_shown_is_refused_and_leaves_nothing(reason: str, code: str) -> None:
    poll, (agree, *_others) = proposal(Reasons.OPTIONAL)

    assert told(poll, agree, reason) == code
    assert (poll.votes.count(), poll.ballots.count(), given(poll)) == (0, 0, [])


@pytest.mark.parametrize(
    ("reason", "stored"),
    [
        ("  Because.\n", "Because."),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("Cafe\u0301", "Café"),
        ("\U0001f44d" * REASON_LENGTH, "\U0001f44d" * REASON_LENGTH),
    ],
)
def test_reason_is_stored_in_its_normal_form(reason: str, stored: str) -> None:
    poll, (agree, *_others) = proposal(Reasons.OPTIONAL)
    voter = someone()

    vote = cast_vote(poll, voter, agree, reason=reason)

    assert (reason_of(vote), given(poll)) == (stored, [stored])


def test_reason_is_no_part_of_the_ballot() -> None:
    poll, (agree, *_others) = proposal(Reasons.OPTIONAL)

    for reason in ("", BECAUSE, "Another one."):
        cast_vote(poll, someone(), agree, reason=reason)

    assert (poll.ballots.count(), results.outcome_of(poll).votes) == (1, 3)


def test_same_vote_with_the_same_reason_may_be_sent_again() -> None:
    poll, (_agree, disagree, *_others) = proposal(Reasons.REQUIRED)
    voter = someone()
    cast = cast_vote(poll, voter, disagree, reason=BECAUSE)

    again = replace_vote(poll, voter, disagree, reason=f" {BECAUSE}")
    lifecycle.close_poll(poll)
    after_close = replace_vote(poll, voter, disagree, reason=BECAUSE)

    assert again == cast == after_close
    assert given(poll) == [BECAUSE]


def test_another_reason_is_a_change_and_refused_where_votes_stay() -> None:
    poll, (agree, *_others) = proposal(Reasons.OPTIONAL)
    voter = someone()
    cast_vote(poll, voter, agree, reason=BECAUSE)

    for reason in ("Another one.", ""):
        with pytest.raises(exceptions.ChangeNotAllowed):
            replace_vote(poll, voter, agree, reason=reason)

    assert given(poll) == [BECAUSE]


@pytest.mark.parametrize(("before", "after"), [("", BECAUSE), (BECAUSE, "Another one."), (BECAUSE, "")])
def test_another_reason_is_stored_where_votes_change_and_moves_no_vote(before: str, after: str) -> None:
    poll, (agree, *_others) = proposal(Reasons.OPTIONAL, vote_change=Until.CLOSE)
    voter = someone()
    cast = cast_vote(poll, voter, agree, reason=before)

    changed = replace_vote(poll, voter, agree, reason=after)

    kept = vote_of(poll, voter)
    assert (changed.pk, reason_of(changed), given(poll)) == (cast.pk, after, [after] * bool(after))
    assert (kept.cast_at, results.compact(poll)) == (cast.cast_at, 1)


def test_changed_vote_takes_its_new_reason_along_and_leaves_the_old_one() -> None:
    poll, (agree, disagree, *_others) = proposal(Reasons.REQUIRED_FOR_DISAGREE, vote_change=Until.CLOSE)
    voter = someone()
    cast_vote(poll, voter, disagree, reason=BECAUSE)

    with pytest.raises(exceptions.ReasonTooLong):
        replace_vote(poll, voter, agree, reason="a" * (REASON_LENGTH + 1))
    refused = given(poll)
    changed = replace_vote(poll, voter, agree)

    assert (refused, changed.ballot.body, reason_of(changed), given(poll)) == ([BECAUSE], agree.body, "", [])


def test_withdrawn_vote_takes_its_reason_along() -> None:
    poll, (agree, *_others) = proposal(Reasons.OPTIONAL, vote_withdrawal=Until.CLOSE)
    voter = someone()
    cast_vote(poll, voter, agree, reason=BECAUSE)

    withdraw_vote(poll, voter)
    again = cast_vote(poll, voter, agree)

    assert (reason_of(again), VoteReason.objects.count(), list(strays())) == ("", 0, [])


@pytest.mark.django_db(transaction=True)
def test_reason_of_a_vote_that_is_gone_is_named() -> None:
    poll, (agree, *_others) = proposal(Reasons.OPTIONAL)
    vote = cast_vote(poll, someone(), agree, reason=BECAUSE)
    gone = vote.pk + 1

    with unguarded():
        VoteReason.objects.update(vote=gone)
        found = [str(stray) for stray in strays()]
        VoteReason.objects.all().delete()

    assert found == [f"reason {gone}: its vote {gone} does not exist"]


def test_deleted_poll_takes_its_reasons_along() -> None:
    poll, (agree, *_others) = proposal(Reasons.OPTIONAL)
    cast_vote(poll, someone(), agree, reason=BECAUSE)

    lifecycle.delete_poll(poll, with_votes=True)

    assert (VoteReason.objects.count(), Vote.objects.count()) == (0, 0)


def test_reason_shows_its_words() -> None:
    poll, (agree, *_others) = proposal(Reasons.OPTIONAL)
    cast_vote(poll, someone(), agree, reason=BECAUSE)

    assert str(VoteReason.objects.get()) == BECAUSE


@pytest.mark.parametrize("text", ["", "a" * (REASON_LENGTH + 1)])
def test_reason_without_words_or_with_too_many_is_refused_by_the_database(text: str) -> None:
    poll = PollFactory()
    vote = cast_vote(poll, someone(), Ballot.of(poll.options.first().pk))

    with pytest.raises(DatabaseError), transaction.atomic():
        VoteReason.objects.create(vote=vote, text=text)

    assert given(poll) == []


def test_reasons_are_for_proposals_alone() -> None:
    draft = PollDraft({"title": "Poll", "reasons": Reasons.OPTIONAL}, [OptionDraft("a"), OptionDraft("b")])

    with pytest.raises(exceptions.InvalidPoll) as refusal:
        lifecycle.create_poll(draft)

    assert refusal.value.errors == {"reasons": ["Reasons are given to a proposal."]}


def test_reasons_that_are_missing_or_out_of_place_are_named() -> None:
    asked, (agree, disagree, *_others) = proposal(Reasons.REQUIRED_FOR_DISAGREE)
    silent, sound = cast_vote(asked, someone(), disagree, reason="No."), cast_vote(asked, someone(), agree)
    all_asked, (first, *_rest) = proposal(Reasons.REQUIRED)
    quiet = cast_vote(all_asked, someone(), first, reason="Yes.")
    VoteReason.objects.all().delete()
    unasked, (one, *_more) = proposal(Reasons.OFF)
    talkative = cast_vote(unasked, someone(), one)
    VoteReason.objects.create(vote=talkative, text="Because.")
    free, (any_answer, *_answers) = proposal(Reasons.OPTIONAL)
    cast_vote(free, someone(), any_answer)

    found = [[finding.sentence for finding in findings_of(poll.pk)] for poll in (asked, all_asked, unasked, free)]

    assert sound.pk != silent.pk
    assert found == [
        [f"vote {silent.pk}: it has no reason, which the poll requires"],
        [f"vote {quiet.pk}: it has no reason, which the poll requires"],
        [f"vote {talkative.pk}: it has a reason, and the poll takes none"],
        [],
    ]
