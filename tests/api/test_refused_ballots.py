"""Ballots that a poll refuses: each with its code and its limits, nothing left behind, and the vote not used up."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models.polls import Until
from django_polls.voting import cast_vote, withdraw_vote
from tests.api.ballots import Fields, Ids, poll_with, scores, stored, url
from tests.api.documented import DocumentedClient
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


class Refusal(NamedTuple):
    """A body that a poll refuses, with the code and the limits that are told, and one that it takes."""

    poll: Fields
    body: Callable[[Ids], Fields]
    code: str
    limits: Fields | None
    valid: Callable[[Ids], Fields]


def ranks(*positions: int | tuple[int, ...]) -> Callable[[Ids], Fields]:
    """Return what makes a ranking of the options at these positions."""
    return lambda ids: {
        "ranking": [[ids[each] for each in place] if isinstance(place, tuple) else ids[place] for place in positions]
    }


def dealt(**values: int) -> Callable[[Ids], Fields]:
    return lambda ids: {"scores": scores(**values)(ids)}


def answered(position: int, **reason: str) -> Callable[[Ids], Fields]:
    return lambda ids: {"option_id": ids[position], **reason}


RANKED = {"method": "ranked"}
DOTS = {"method": "dots", "points": 10}
PROPOSAL = {"method": "yes_no", "options": 4, "reasons": "optional"}
REFUSALS = {
    "an unknown option, single": Refusal({}, lambda _ids: {"option_id": 0}, "unknown_option", None, answered(0)),
    "an unknown option, ranked": Refusal(
        RANKED, lambda ids: {"ranking": [ids[0], 0]}, "unknown_option", None, ranks(0)
    ),
    "an unknown option, score": Refusal(
        {"method": "score"},
        lambda _ids: {"scores": [{"option_id": 0, "score": 1}]},
        "unknown_option",
        None,
        dealt(a=1),
    ),
    "an option twice, ranked": Refusal(RANKED, ranks(0, 1, 0), "duplicate_option", None, ranks(0, 1)),
    "an option twice on a place": Refusal(
        RANKED | {"equal_ranks": True}, ranks((0, 0)), "duplicate_option", None, ranks((0, 1))
    ),
    "an option twice, score": Refusal(
        {"method": "score"},
        lambda ids: {"scores": scores(a=1)(ids) * 2},
        "duplicate_option",
        None,
        dealt(a=1),
    ),
    "two on a place": Refusal(RANKED, ranks(0, (1, 2)), "tied_ranks", None, ranks(0, 1, 2)),
    "too many places": Refusal(
        RANKED | {"max_ranks": 2}, ranks(0, 1, 2), "too_many_ranks", {"max_ranks": 2}, ranks(0, 1)
    ),
    "too many places, though few options": Refusal(
        RANKED | {"max_ranks": 1, "equal_ranks": True},
        ranks((0, 1), 2),
        "too_many_ranks",
        {"max_ranks": 1},
        ranks((0, 1)),
    ),
    "too few options, ranked": Refusal(
        RANKED | {"min_options": 2},
        ranks(0),
        "too_few_options",
        {"min_options": 2, "max_options": 3},
        ranks(0, 1),
    ),
    "no options, ranked": Refusal(RANKED, ranks(), "too_few_options", {"min_options": 1, "max_options": 3}, ranks(0)),
    "too few options, score": Refusal(
        {"method": "score", "min_options": 3},
        dealt(a=1, b=0),
        "too_few_options",
        {"min_options": 3, "max_options": 3},
        dealt(a=1, b=0, c=0),
    ),
    "too few options, dots": Refusal(
        DOTS | {"min_options": 2},
        dealt(a=1, b=0),
        "too_few_options",
        {"min_options": 2, "max_options": 3},
        dealt(a=1, b=1),
    ),
    "a score too high": Refusal(
        {"method": "score"}, dealt(a=6), "score_out_of_range", {"min_score": 0, "max_score": 5}, dealt(a=5)
    ),
    "a score too low": Refusal(
        {"method": "score", "min_score": -1},
        dealt(a=5, b=-2),
        "score_out_of_range",
        {"min_score": -1, "max_score": 5},
        dealt(a=5, b=-1),
    ),
    "too many points on one option": Refusal(
        DOTS | {"max_points": 4}, dealt(a=5), "score_out_of_range", {"min_score": 0, "max_score": 4}, dealt(a=4)
    ),
    "negative points": Refusal(
        DOTS, dealt(a=10, b=-1), "score_out_of_range", {"min_score": 0, "max_score": 10}, dealt(a=10)
    ),
    "too many points": Refusal(DOTS, dealt(a=5, b=6), "points_overspent", {"points": 10}, dealt(a=5, b=5)),
    "too few points": Refusal(
        DOTS | {"must_spend_all": True}, dealt(a=5, b=4), "points_unspent", {"points": 10}, dealt(a=5, b=5)
    ),
    "an abstention": Refusal({}, lambda _ids: {"abstain": True}, "abstention_not_allowed", None, answered(0)),
    "none of these": Refusal(
        RANKED | {"allows_abstention": True},
        lambda _ids: {"none_of_these": True},
        "none_of_these_not_allowed",
        None,
        lambda _ids: {"abstain": True},
    ),
    "a reason, single": Refusal({}, answered(0, reason="So."), "reason_not_allowed", None, answered(0)),
    "a reason for a proposal": Refusal(
        PROPOSAL | {"reasons": "off"}, answered(0, reason="So."), "reason_not_allowed", None, answered(0)
    ),
    "no reason": Refusal(
        PROPOSAL | {"reasons": "required"}, answered(2), "reason_required", None, answered(2, reason="So.")
    ),
    "white space for a reason": Refusal(
        PROPOSAL | {"reasons": "required"},
        answered(2, reason=" \n\t"),
        "reason_required",
        None,
        answered(2, reason="So."),
    ),
    "no reason to disagree": Refusal(
        PROPOSAL | {"reasons": "required_for_disagree"}, answered(1), "reason_required", None, answered(0)
    ),
    "no reason to block": Refusal(
        PROPOSAL | {"reasons": "required_for_disagree"}, answered(3), "reason_required", None, answered(2)
    ),
    "a long reason": Refusal(
        PROPOSAL,
        answered(0, reason="x" * 1_001),
        "reason_too_long",
        {"max_length": 1_000},
        answered(0, reason="x" * 1_000),
    ),
    "a reason with a hidden character": Refusal(
        PROPOSAL, answered(0, reason="a\u202eb"), "reason_invalid", None, answered(0, reason="ab")
    ),
}


@pytest.mark.parametrize("verb", ["post", "put"])
@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_refused_ballot_leaves_nothing(refusal: Refusal, verb: str, guest: DocumentedClient) -> None:
    poll, ids = poll_with(**refusal.poll)

    refused = getattr(guest, verb)(url(poll), refusal.body(ids), format="json")

    answer = refused.json()
    assert (refused.status_code, answer["code"], answer.get("limits")) == (400, refusal.code, refusal.limits)
    assert set(stored().values()) == {0}
    assert guest.get(url(poll)).json() == {"has_voted": False, "option_ids": None, "cast_at": None}
    assert getattr(guest, verb)(url(poll), refusal.valid(ids), format="json").status_code == 200


def test_rank_gap_cannot_be_sent(guest: DocumentedClient) -> None:
    poll, ids = poll_with(method="ranked", equal_ranks=True)

    answers = [
        guest.post(url(poll), {"ranking": ranking}, format="json").json()
        for ranking in ([[], ids[0]], [ids[0], []], [ids[0], [], ids[1]], [None, ids[0]])
    ]

    sentence = "Give a list of places, best first: an option's id, or a list of them that share the place."
    assert [(answer["code"], answer["errors"]) for answer in answers] == [
        ("invalid_ballot", {"ranking": [sentence]})
    ] * 4


@pytest.mark.parametrize(
    ("fields", "body", "errors"),
    [
        (RANKED, {"option_id": 1}, {"option_id": ["This is not expected here."]}),
        (RANKED, {"scores": []}, {"scores": ["This is not expected here."]}),
        (DOTS, {"ranking": []}, {"ranking": ["This is not expected here."]}),
        (RANKED, {}, {"ranking": ["This is required."]}),
        (DOTS, {"reason": "x"}, {"scores": ["This is required."]}),
        (RANKED, {"ranking": [], "abstain": True}, {"ranking": ["This is required."]}),
        ({"allows_abstention": True}, {"abstain": True, "none_of_these": True}, {"option_id": ["This is required."]}),
    ],
)
def test_body_says_one_thing(
    fields: Fields, body: Fields, errors: dict[str, list[str]], guest: DocumentedClient
) -> None:
    poll, _ids = poll_with(**fields)

    response = guest.post(url(poll), body, format="json")

    assert (response.status_code, response.json()["errors"]) == (400, errors)
    assert set(stored().values()) == {0}


@pytest.mark.parametrize("verb", ["post", "put"])
def test_full_option_takes_no_vote(verb: str, guest: DocumentedClient) -> None:
    poll, (full, free, _other) = poll_with(method="approval")
    poll.options.filter(pk=full).update(capacity=1)
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(full))
    before = stored()

    refused = getattr(guest, verb)(url(poll), {"option_ids": [free, full]}, format="json")

    assert (refused.status_code, refused.json()) == (
        409,
        {
            "code": "option_full",
            "detail": "Option 1 is full. Places: 1.",
            "limits": {"option_id": full, "option": "Option 1", "capacity": 1},
        },
    )
    assert stored() == before
    assert getattr(guest, verb)(url(poll), {"option_ids": [free]}, format="json").status_code == 200


@pytest.mark.parametrize("verb", ["post", "put"])
def test_full_poll_takes_no_vote(verb: str, guest: DocumentedClient) -> None:
    poll, ids = poll_with(method="ranked", max_votes=1, vote_withdrawal=Until.CLOSE)
    voter = Voter.from_user(UserFactory())
    cast_vote(poll, voter, Ballot.from_body(f"{ids[0]}:1"))
    before = stored()

    refused = getattr(guest, verb)(url(poll), {"ranking": ids}, format="json")
    after = stored()
    withdraw_vote(poll, voter)

    assert (refused.status_code, refused.json()) == (
        409,
        {"code": "poll_full", "detail": "This poll is full. Most votes: 1.", "limits": {"max_votes": 1}},
    )
    assert after == before
    assert getattr(guest, verb)(url(poll), {"ranking": ids}, format="json").status_code == 200
