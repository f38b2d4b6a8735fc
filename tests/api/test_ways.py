"""Making and editing polls under every method over the API: what is taken, what is refused, and what is fixed when."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import translation

from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, PollOption
from django_polls.voting import cast_vote
from tests.api.conftest import client_of
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/api/polls/"
THREE = [{"text": "A"}, {"text": "B"}, {"text": "C"}]

Fields = Mapping[str, Any]


def url(poll: Poll) -> str:
    return f"{URL}{poll.pk}/"


def texts(answer: Fields) -> list[str]:
    return [option["text"] for option in answer["options"]]


# Polls that can be made, each with what of it is not by default.
TAKEN: dict[str, Fields] = {
    "single": {"method": "single", "max_votes": 1, "allows_abstention": True, "quorum": 1, "pass_threshold": "1"},
    "approval": {"method": "approval", "min_options": 0, "allows_none_of_these": True, "pass_threshold": "0.000000001"},
    **{
        count: {"method": "ranked", "count": count, "max_ranks": 2, "equal_ranks": True}
        for count in ("irv", "borda", "schulze", "ranked_pairs", "copeland")
    },
    "stv": {"method": "ranked", "count": "stv", "seats": 2, "quota": "hare"},
    "stv_meek": {"method": "ranked", "count": "stv_meek", "seats": 2, "final_ties": "declare"},
    **{
        count: {"method": "score", "count": count, "min_score": -1, "max_score": 1, "grades": ["Bad", "Fair", "Good"]}
        for count in ("sum", "mean", "median", "star", "majority_judgment")
    },
    "100 steps": {"method": "score", "min_score": -50, "max_score": 50, "unscored_is_zero": False},
    "dots": {"method": "dots", "points": 10, "max_points": 4, "must_spend_all": True, "min_options": 3},
}


@pytest.mark.parametrize("fields", TAKEN.values(), ids=TAKEN)
def test_create(fields: Fields, owner: User) -> None:
    client = client_of(owner)

    created = client.post(URL, {"title": "T", "options": THREE, **fields}, format="json")

    answer = created.json()
    assert (created.status_code, {name: answer[name] for name in fields}) == (201, fields)
    assert client.get(f"{URL}{answer['id']}/").json() == answer
    Poll.objects.get().full_clean()


def test_create_by_a_form(owner: User) -> None:
    form = {
        "title": "T",
        "options": ["A", "B"],
        "method": "score",
        "min_score": "0",
        "max_score": "1",
        "grades": ["No", "Yes"],
        "unscored_is_zero": "false",
        "quorum": "",
        "quorum_share": "",
        "pass_threshold": "2/3",
        "max_votes": "7",
    }

    answer = client_of(owner).post(URL, form).json()

    stored = {**form, "options": answer["options"], "min_score": 0, "max_score": 1, "max_votes": 7}
    assert {name: answer[name] for name in form} == {**stored, "unscored_is_zero": False, "quorum": None}


SHARE = ["Give a share such as 2/3 or 0.6: more than 0, and 1 at most."]
AT_LEAST_ONE = ["This must be at least 1."]
NO_INTEGER = ["A valid integer is required."]
NOT_ITS_COUNT = ["This method has no such way of counting."]
ONE_WINS = ["One option wins under this method."]
FEWER_WIN = ["Fewer options must win than there are."]
ABOVE = ["The highest score must be above the lowest one."]
STEPS = ["The highest score must be above the lowest one, by 100 at most."]
GROUPED = {"electorate": "groups"}

REFUSED: dict[str, tuple[Fields, Mapping[str, list[str]]]] = {
    "an unknown count": ({"method": "ranked", "count": "bucklin"}, {"count": NOT_ITS_COUNT}),
    "another method's count": ({"method": "ranked", "count": "star"}, {"count": NOT_ITS_COUNT}),
    "a count in capitals": ({"method": "score", "count": "STAR"}, {"count": NOT_ITS_COUNT}),
    "a count of a method with one": ({"method": "single", "count": "irv"}, {"count": NOT_ITS_COUNT}),
    "a number for a count": ({"method": "ranked", "count": 1}, {"count": ["Not a valid string."]}),
    "two seats by instant run-off": ({"method": "ranked", "count": "irv", "seats": 2}, {"seats": ONE_WINS}),
    "two seats, approval": ({"method": "approval", "seats": 2}, {"seats": ONE_WINS}),
    "seats for all": ({"method": "ranked", "count": "stv", "seats": 3}, {"seats": FEWER_WIN}),
    "no seats": ({"method": "ranked", "count": "stv", "seats": 0}, {"seats": AT_LEAST_ONE}),
    "fewer than no seats": (
        {"seats": -1},
        {"seats": ["Ensure this value is greater than or equal to 0."]},
    ),
    "seats without a number": ({"seats": None}, {"seats": ["This field may not be null."]}),
    "half a seat": ({"seats": 1.0}, {"seats": NO_INTEGER}),
    "true seats": ({"seats": True}, {"seats": NO_INTEGER}),
    "an unknown quota": (
        {"method": "ranked", "quota": "imperiali"},
        {"quota": ["Value 'imperiali' is not a valid choice."]},
    ),
    "a threshold for several seats": (
        {"method": "ranked", "count": "stv", "seats": 2, "pass_threshold": "1/2"},
        {"pass_threshold": ["Where several options win, the quota says how many votes each needs."]},
    ),
    **{
        f"the share {share!r}": ({"pass_threshold": share}, {"pass_threshold": SHARE})
        for share in (
            *(
                "0",
                "0/3",
                "3/2",
                "1/0",
                "0.0",
                "1.1",
                "2",
                "-1/2",
                "+1/2",
                "1/-2",
                "1/2/3",
                "1e-1",
                ".5",
                "1.",
                "/2",
                "1/",
            ),
            *("\u0662/\u0663", "\u2154", "½", "2 / 3", "2/3%", "66%", "0,6", "nan", "0x1", "1/3\n2"),
        )
    },
    "a share too long": (
        {"pass_threshold": "1/" + "9" * 19},
        {"pass_threshold": [*SHARE, "Ensure this value has at most 20 characters (it has 21)."]},
    ),
    "a number for a share": ({"pass_threshold": 0.5}, {"pass_threshold": ["Not a valid string."]}),
    "no share for null": ({"quorum_share": None}, {"quorum_share": ["This field may not be null."]}),
    "a share of a quorum that is none": ({**GROUPED, "quorum_share": "3/2"}, {"quorum_share": SHARE}),
    "a quorum twice": (
        {**GROUPED, "quorum": 1, "quorum_share": "1/2"},
        {"quorum_share": ["The quorum is a number or a share, not both."]},
    ),
    "a share of nobody knows whom": (
        {"quorum_share": "1/2"},
        {"quorum_share": ["How many may vote is known of groups alone."]},
    ),
    "a quorum of none": ({"quorum": 0}, {"quorum": AT_LEAST_ONE}),
    "no places": ({"method": "ranked", "max_ranks": 0}, {"max_ranks": AT_LEAST_ONE}),
    "fewer places than options": (
        {"method": "ranked", "max_ranks": 1, "min_options": 2},
        {"max_ranks": ["This must be at least one, and not less than the least options."]},
    ),
    "scores without a step": ({"method": "score", "min_score": 5}, {"max_score": ABOVE}),
    "scores upside down": ({"method": "score", "min_score": 6}, {"max_score": ABOVE}),
    "101 steps": ({"method": "score", "max_score": 101}, {"max_score": STEPS}),
    "too few grades": ({"method": "score", "grades": ["Bad", "Good"]}, {"grades": ["Give one word for each score."]}),
    "too many grades": (
        {"method": "score", "max_score": 1, "grades": ["A", "B", "C"]},
        {"grades": ["Give one word for each score."]},
    ),
    "grades as a text": (
        {"method": "score", "max_score": 1, "grades": "Bad\nGood"},
        {"grades": ['Expected a list of items but got type "str".']},
    ),
    "a number for a grade": (
        {"method": "score", "max_score": 1, "grades": ["Bad", 1]},
        {"grades.1": ["Not a valid string."]},
    ),
    "a hidden character in a grade": (
        {"method": "score", "max_score": 1, "grades": ["Bad", "Go\u202eod"]},
        {"grades": ["The character U+202E is not allowed here."]},
    ),
    "dots without points": ({"method": "dots"}, {"points": ["Say how many points each voter has."]}),
    "dots of no points": ({"method": "dots", "points": 0}, {"points": AT_LEAST_ONE}),
    "dots of no points on an option": ({"method": "dots", "points": 5, "max_points": 0}, {"max_points": AT_LEAST_ONE}),
    "dots that cannot all be given": (
        {"method": "dots", "points": 7, "max_points": 2, "must_spend_all": True},
        {"max_points": ["Nobody could give all points."]},
    ),
    "fewer points than options to mark": (
        {"method": "dots", "points": 2, "min_options": 3},
        {"min_options": ["A voter has fewer points than this."]},
    ),
    "reasons without a proposal": ({"reasons": "optional"}, {"reasons": ["Reasons are given to a proposal."]}),
    "unknown reasons": ({"reasons": "why"}, {"reasons": ["Value 'why' is not a valid choice."]}),
    "unknown ties": ({"final_ties": "coin"}, {"final_ties": ["Value 'coin' is not a valid choice."]}),
    "no votes at most": ({"max_votes": 0}, {"max_votes": AT_LEAST_ONE}),
    "a seed": ({"tie_seed": "00"}, {"tie_seed": ["This is not expected here."]}),
    "a seed's hash": ({"tie_seed_hash": "00"}, {"tie_seed_hash": ["This is not expected here."]}),
    "an electorate's size": ({"electorate_size": 1}, {"electorate_size": ["This is not expected here."]}),
    **{
        f"capacity, {method}": (
            {"method": method, **fields, "options": [{"text": "A", "capacity": 1}, {"text": "B"}]},
            {"options": ["Under this method an option has no places that could be taken."]},
        )
        for method, fields in (("ranked", {}), ("score", {}), ("dots", {"points": 5}))
    },
    "no capacity at all": (
        {"options": [{"text": "A", "capacity": 0}, {"text": "B"}]},
        {"options": AT_LEAST_ONE},
    ),
    "a text for a capacity": (
        {"options": [{"text": "A", "capacity": "1"}, {"text": "B"}]},
        {"options.0.capacity": NO_INTEGER},
    ),
    "51 options to rank": (
        {"method": "ranked", "options": [{"text": str(number)} for number in range(51)]},
        {"options": ["A poll has at most 50 options."]},
    ),
    "a proposal of three options": (
        {"method": "yes_no"},
        {"options": ["A proposal has four options: agree, disagree, abstain and block."]},
    ),
    "a proposal to abstain twice from": (
        {"method": "yes_no", "allows_abstention": True, "options": [*THREE, {"text": "D"}]},
        {"allows_abstention": ["Abstaining is one of the answers to a proposal."]},
    ),
    "a proposal with places": (
        {"method": "yes_no", "options": [*THREE, {"text": "D", "capacity": 2}]},
        {"options": ["Under this method an option has no places that could be taken."]},
    ),
}


@pytest.mark.any_database
@pytest.mark.parametrize(("fields", "errors"), REFUSED.values(), ids=REFUSED)
def test_create_refused(fields: Fields, errors: Mapping[str, list[str]], owner: User) -> None:
    group = Group.objects.create(name="G")
    groups = {"groups": [group.pk]} if fields.get("electorate") == "groups" else {}

    response = client_of(owner).post(URL, {"title": "T", "options": THREE, **fields, **groups}, format="json")

    answer = response.json()
    assert (response.status_code, answer["code"], answer["errors"]) == (400, "invalid_poll", errors)
    assert (Poll.objects.count(), PollOption.objects.count()) == (0, 0)


@pytest.mark.any_database
@pytest.mark.parametrize(("fields", "errors"), REFUSED.values(), ids=REFUSED)
def test_edit_refused(fields: Fields, errors: Mapping[str, list[str]], owner: User) -> None:
    group = Group.objects.create(name="G")
    poll = PollFactory(created_by=owner, options=3, is_draft=True)
    groups = {"groups": [group.pk]} if fields.get("electorate") == "groups" else {}
    before = client_of(owner).get(url(poll)).json()

    response = client_of(owner).patch(url(poll), {**fields, **groups, "revision": poll.revision}, format="json")

    answer = response.json()
    assert (response.status_code, answer["code"], answer["errors"]) == (400, "invalid_poll", errors)
    assert client_of(owner).get(url(poll)).json() == before


@pytest.mark.parametrize("fields", TAKEN.values(), ids=TAKEN)
def test_edit_of_a_draft(fields: Fields, owner: User) -> None:
    poll = PollFactory(created_by=owner, options=3, is_draft=True)
    client = client_of(owner)

    response = client.patch(url(poll), {**fields, "revision": poll.revision}, format="json")

    answer = response.json()
    assert (response.status_code, {name: answer[name] for name in fields}) == (200, fields)
    assert client.get(url(poll)).json() == answer


def test_fifty_options_can_be_ranked(owner: User) -> None:
    fifty = [{"text": str(number)} for number in range(50)]

    response = client_of(owner).post(URL, {"title": "T", "method": "ranked", "options": fifty}, format="json")

    assert (response.status_code, len(response.json()["options"])) == (201, 50)


# A proposal's four answers.


@pytest.mark.parametrize(
    ("language", "answers"),
    [
        ("en", ["Agree", "Disagree", "Abstain", "Block"]),
        ("de", ["Zustimmung", "Ablehnung", "Enthaltung", "Veto"]),
    ],
)
def test_proposal_gets_its_four_options_in_the_language_of_who_makes_it(
    language: str, answers: list[str], owner: User
) -> None:
    with translation.override(language):
        answer = client_of(owner).post(URL, {"title": "T", "method": "yes_no"}, format="json").json()

    assert texts(answer) == answers
    assert [option["position"] for option in answer["options"]] == [0, 1, 2, 3]


def test_proposal_by_a_form_gets_its_four_options(owner: User) -> None:
    response = client_of(owner).post(URL, {"title": "T", "method": "yes_no", "reasons": "required"})

    assert (response.status_code, len(response.json()["options"]), response.json()["reasons"]) == (201, 4, "required")


def test_proposal_in_words_of_its_own(owner: User) -> None:
    options = [{"text": text} for text in ("Yes", "No", "Either", "Never")]

    answer = client_of(owner).post(URL, {"title": "T", "method": "yes_no", "options": options}, format="json").json()

    assert texts(answer) == ["Yes", "No", "Either", "Never"]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"method": "yes_no", "options": []}, {"options": ["A poll needs at least two options."]}),
        ({"method": "yes_no", "options": None}, {"options": ["This field may not be null."]}),
        ({"method": "ranked"}, {"options": ["A poll needs at least two options."]}),
        ({}, {"options": ["A poll needs at least two options."]}),
        ({"method": "dice"}, {"method": ["There is no such voting method."]}),
    ],
)
def test_options_are_needed_otherwise(fields: Fields, errors: Mapping[str, list[str]], owner: User) -> None:
    response = client_of(owner).post(URL, {"title": "T", **fields}, format="json")

    assert (response.status_code, response.json()["errors"], Poll.objects.count()) == (400, errors, 0)


# What is fixed when the poll opens, and when there are votes.

BINDING: dict[str, tuple[Fields, Fields]] = {
    "method": ({}, {"method": "approval"}),
    "count": ({"method": "ranked"}, {"count": "borda"}),
    "count that is the first one": ({"method": "ranked"}, {"count": "irv"}),
    "seats": ({"method": "ranked", "count": "stv"}, {"seats": 2}),
    "quota": ({"method": "ranked", "count": "stv"}, {"quota": "hare"}),
    "unscored_is_zero": ({"method": "score"}, {"unscored_is_zero": False}),
    "quorum": ({}, {"quorum": 3}),
    "pass_threshold": ({}, {"pass_threshold": "1/2"}),
    "final_ties": ({}, {"final_ties": "declare"}),
    "quorum and pass_threshold": ({"quorum": 3, "pass_threshold": "2/3"}, {"quorum": None, "pass_threshold": ""}),
}


@pytest.mark.parametrize(("made", "changes"), BINDING.values(), ids=BINDING)
def test_binding_fields_are_frozen_once_open(made: Fields, changes: Fields, owner: User) -> None:
    draft = PollFactory(created_by=owner, options=3, is_draft=True, **made)
    poll = PollFactory(created_by=owner, options=3, **made)
    client = client_of(owner)

    changed = client.patch(url(draft), {**changes, "revision": draft.revision}, format="json")
    refused = client.patch(url(poll), {**changes, "title": "X", "revision": poll.revision}, format="json")

    fields = ", ".join(sorted(changes))
    assert (changed.status_code, {name: changed.json()[name] for name in changes}) == (200, changes)
    assert (refused.status_code, refused.json()) == (
        409,
        {
            "code": "poll_frozen",
            "detail": f"This can no longer be changed: {fields}.",
            "limits": {"fields": fields},
        },
    )
    assert Poll.objects.get(pk=poll.pk).title == "Test Poll"


def test_quorum_share_is_frozen_once_open(owner: User) -> None:
    poll = PollFactory(created_by=owner, electorate="groups", quorum_share="1/2")
    poll.groups.add(Group.objects.create(name="G"))
    poll.refresh_from_db()

    response = client_of(owner).patch(url(poll), {"quorum_share": "1/3", "revision": poll.revision}, format="json")

    assert (response.status_code, response.json()["limits"]) == (409, {"fields": "quorum_share"})


UNTIL_THE_FIRST_VOTE: dict[str, tuple[Fields, str, Fields]] = {
    "ranked": ({"method": "ranked"}, ":1", {"max_ranks": 2, "equal_ranks": True, "min_options": 2}),
    "score": ({"method": "score"}, "=1", {"min_score": -5, "max_score": 0, "grades": list("ABCDEF")}),
    "dots": ({"method": "dots", "points": 5}, "=1", {"points": 6, "max_points": 3, "must_spend_all": True}),
    "single": ({}, "", {"allows_abstention": True, "allows_none_of_these": True, "max_votes": 5}),
}


@pytest.mark.parametrize(("made", "mark", "changes"), UNTIL_THE_FIRST_VOTE.values(), ids=UNTIL_THE_FIRST_VOTE)
def test_what_a_ballot_says_may_change_until_the_first_vote(
    made: Fields, mark: str, changes: Fields, owner: User
) -> None:
    open_poll = PollFactory(created_by=owner, options=3, **made)
    voted = PollFactory(created_by=owner, options=3, **made)
    cast_vote(voted, Voter.from_user(UserFactory()), Ballot.from_body(f"{voted.options.all()[0].pk}{mark}"))
    client = client_of(owner)

    changed, refused = (
        client.patch(url(poll), {**changes, "revision": poll.revision}, format="json") for poll in (open_poll, voted)
    )

    assert (changed.status_code, {name: changed.json()[name] for name in changes}) == (200, changes)
    assert (refused.status_code, refused.json()["limits"]) == (409, {"fields": ", ".join(sorted(changes))})


def test_what_stays_as_it_is_is_no_change(owner: User) -> None:
    poll = PollFactory(created_by=owner, method="ranked", count="borda")
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.from_body(f"{poll.options.all()[0].pk}:1"))
    client = client_of(owner)
    shown = client.get(url(poll)).json()
    same = {name: shown[name] for name in ("method", "count", "seats", "quota", "grades", "quorum", "pass_threshold")}
    options = [{name: option[name] for name in ("id", "text", "capacity")} for option in shown["options"]]

    body = {**same, "options": options, "correction": "C", "revision": poll.revision}
    response = client.patch(url(poll), body, format="json")

    assert (response.status_code, response.json()["correction"]) == (200, "C")


# Places.


def capacities(answer: Fields) -> list[int | None]:
    return [option["capacity"] for option in answer["options"]]


def test_capacity_is_what_was_said_last(owner: User) -> None:
    client = client_of(owner)
    options = [{"text": "A", "capacity": 2}, {"text": "B", "capacity": None}, {"text": "C"}]
    made = client.post(URL, {"title": "T", "options": options}, format="json").json()
    first, second, third = (option["id"] for option in made["options"])

    edits: list[dict[str, Any]] = [
        {"title": "U"},
        {"options": [{"id": first, "text": "A", "capacity": 2}, {"id": second, "text": "B", "capacity": 3}]},
        {
            "options": [
                {"id": first, "text": "A"},
                {"id": second, "text": "B", "capacity": 3},
                {"text": "D", "capacity": 1},
            ]
        },
        {"options": [{"id": first, "text": "A", "capacity": None}, {"id": second, "text": "B", "capacity": None}]},
    ]
    shown, revision = [capacities(made)], made["revision"]
    for edit in edits:
        answer = client.patch(f"{URL}{made['id']}/", {**edit, "revision": revision}, format="json").json()
        shown.append(capacities(answer))
        revision = answer["revision"]

    assert shown == [[2, None, None], [2, None, None], [2, 3], [2, 3, 1], [None, None]]
    assert not PollOption.objects.filter(pk=third).exists()


def test_capacity_is_frozen_by_the_first_vote(owner: User) -> None:
    poll = PollFactory(created_by=owner, method="approval")
    poll.options.update(capacity=2)
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[0].pk))
    client = client_of(owner)
    kept: list[dict[str, Any]] = [
        {"id": option.pk, "text": option.text, "capacity": 2} for option in poll.options.all()
    ]
    unsaid = [{name: option[name] for name in ("id", "text")} for option in kept]
    cleared = [{**option, "capacity": None} for option in kept]

    answers = [
        client.patch(url(poll), {"options": options, "revision": poll.revision}, format="json")
        for options in (cleared, [{**kept[0], "capacity": 3}, kept[1]], unsaid)
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 200]
    assert [answer.json().get("limits") for answer in answers[:2]] == [{"fields": "options"}] * 2
    assert capacities(answers[2].json()) == [2, 2]


def test_capacity_is_copied(owner: User) -> None:
    poll = PollFactory(created_by=owner)
    poll.options.update(capacity=4)

    copied = client_of(owner).post(f"{url(poll)}copy/").json()

    assert (capacities(copied), copied["tie_seed_hash"] != poll.tie_seed_hash) == ([4, 4], True)
