"""Votes under every method: what is sent is what stands, and comes back as it was sent."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.utils.http import urlencode

from django_polls.methods.ballots import Ballot as BallotValue
from django_polls.models import Poll, Vote
from django_polls.models.polls import Until
from tests.api.ballots import FORM, Fields, Ids, poll_with, scores, stored, url
from tests.api.documented import DocumentedClient

pytestmark = pytest.mark.django_db


class Way(NamedTuple):
    """A ballot: the poll it is for, what is sent as JSON and in a form, and what is answered beside the time."""

    poll: Fields
    json: Callable[[Ids], Fields]
    form: Callable[[Ids], list[tuple[str, int | str]]]
    answer: Callable[[Ids], Fields]
    body: Callable[[Ids], str]


WAYS = {
    "single": Way(
        {},
        lambda ids: {"option_id": ids[1]},
        lambda ids: [("option_id", ids[1])],
        lambda ids: {"option_ids": [ids[1]]},
        lambda ids: f"{ids[1]}",
    ),
    "approval": Way(
        {"method": "approval"},
        lambda ids: {"option_ids": [ids[2], ids[0]]},
        lambda ids: [("option_ids", ids[2]), ("option_ids", ids[0])],
        lambda ids: {"option_ids": [ids[0], ids[2]]},
        lambda ids: f"{ids[0]} {ids[2]}",
    ),
    "ranked": Way(
        {"method": "ranked"},
        lambda ids: {"ranking": [ids[2], [ids[0]]]},
        lambda ids: [("ranking", ids[2]), ("ranking", ids[0])],
        lambda ids: {"option_ids": None, "ranking": [[ids[2]], [ids[0]]]},
        lambda ids: f"{ids[0]}:2 {ids[2]}:1",
    ),
    "ranked with two on one place": Way(
        {"method": "ranked", "equal_ranks": True, "count": "schulze"},
        lambda ids: {"ranking": [ids[1], [ids[2], ids[0]]]},
        lambda ids: [("ranking", ids[1]), ("ranking", f"{ids[2]},{ids[0]}")],
        lambda ids: {"option_ids": None, "ranking": [[ids[1]], [ids[0], ids[2]]]},
        lambda ids: f"{ids[0]}:2 {ids[1]}:1 {ids[2]}:2",
    ),
    "score": Way(
        {"method": "score", "min_score": -2},
        lambda ids: {"scores": scores(c=-2, a=5)(ids)},
        lambda ids: [("scores", f"{ids[2]}:-2"), ("scores", f"{ids[0]}:5")],
        lambda ids: {"option_ids": None, "scores": scores(a=5, c=-2)(ids)},
        lambda ids: f"{ids[0]}=5 {ids[2]}=-2",
    ),
    "score of zero": Way(
        {"method": "score"},
        lambda ids: {"scores": scores(b=0)(ids)},
        lambda ids: [("scores", f"{ids[1]}:-0")],
        lambda ids: {"option_ids": None, "scores": scores(b=0)(ids)},
        lambda ids: f"{ids[1]}=0",
    ),
    "dots": Way(
        {"method": "dots", "points": 10, "must_spend_all": True},
        lambda ids: {"scores": scores(a=7, b=3, c=0)(ids)},
        lambda ids: [("scores", f"{ids[0]}:7"), ("scores", f"{ids[1]}:3"), ("scores", f"{ids[2]}:0")],
        lambda ids: {"option_ids": None, "scores": scores(a=7, b=3, c=0)(ids)},
        lambda ids: f"{ids[0]}=7 {ids[1]}=3 {ids[2]}=0",
    ),
    "proposal": Way(
        {"method": "yes_no", "options": 4},
        lambda ids: {"option_id": ids[0], "reason": " "},
        lambda ids: [("option_id", ids[0]), ("reason", "")],
        lambda ids: {"option_ids": [ids[0]]},
        lambda ids: f"{ids[0]}",
    ),
    "proposal with a reason": Way(
        {"method": "yes_no", "options": 4, "reasons": "required_for_disagree"},
        lambda ids: {"option_id": ids[3], "reason": " Too dear:\n10 € a\u0300 day & more "},
        lambda ids: [("option_id", ids[3]), ("reason", "Too dear:\n10 € à day & more")],
        lambda ids: {"option_ids": [ids[3]], "reason": "Too dear:\n10 € à day & more"},
        lambda ids: f"{ids[3]}",
    ),
    "abstention": Way(
        {"method": "ranked", "allows_abstention": True},
        lambda _ids: {"abstain": True},
        lambda _ids: [("abstain", "true")],
        lambda _ids: {"option_ids": None, "abstain": True},
        lambda _ids: "abstain",
    ),
    "none of these": Way(
        {"method": "score", "allows_none_of_these": True},
        lambda _ids: {"none_of_these": True},
        lambda _ids: [("none_of_these", "true")],
        lambda _ids: {"option_ids": None, "none_of_these": True},
        lambda _ids: "none",
    ),
    "no marks, approval": Way(
        {"method": "approval", "min_options": 0},
        lambda _ids: {"option_ids": []},
        lambda _ids: [],
        lambda _ids: {"option_ids": []},
        lambda _ids: "",
    ),
    "no marks, ranked": Way(
        {"method": "ranked", "min_options": 0},
        lambda _ids: {"ranking": []},
        lambda _ids: [],
        lambda _ids: {"option_ids": None, "ranking": []},
        lambda _ids: "",
    ),
    "no marks, score": Way(
        {"method": "score", "min_options": 0},
        lambda _ids: {"scores": []},
        lambda _ids: [],
        lambda _ids: {"option_ids": None, "scores": []},
        lambda _ids: "",
    ),
}
IN_FORMS = {name: way for name, way in WAYS.items() if not name.startswith("no marks")}


def assert_stands(response: Any, guest: DocumentedClient, poll: Poll, way: Way, ids: Ids) -> None:  # noqa: ANN401
    """Assert that the answer is the vote, that it is what is stored, and that it is what its voter reads."""
    vote = Vote.objects.select_related("ballot").get()
    assert vote.ballot is not None
    assert vote.cast_at is not None
    cast_at = vote.cast_at.isoformat().replace("+00:00", "Z")
    assert (response.status_code, response.json()) == (
        200,
        {"has_voted": True, "cast_at": cast_at, **way.answer(ids)},
    )
    assert vote.ballot.body == way.body(ids)
    marks = [(mark.option_id, mark.rank, mark.score) for mark in vote.ballot.marks.order_by("option")]
    meant = sorted(BallotValue.from_body(way.body(ids)).marks, key=lambda mark: mark.option_id)
    assert marks == [(mark.option_id, mark.rank, mark.score) for mark in meant]
    read = guest.get(url(poll))
    assert (read.status_code, read.json()) == (200, response.json())


@pytest.mark.parametrize("verb", ["post", "put"])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_vote_by_json(way: Way, verb: str, guest: DocumentedClient) -> None:
    poll, ids = poll_with(**way.poll)

    response = getattr(guest, verb)(url(poll), way.json(ids), format="json")

    assert_stands(response, guest, poll, way, ids)


@pytest.mark.parametrize("verb", ["post", "put"])
@pytest.mark.parametrize("way", IN_FORMS.values(), ids=IN_FORMS)
def test_vote_by_a_form(way: Way, verb: str, guest: DocumentedClient) -> None:
    poll, ids = poll_with(**way.poll)

    response = getattr(guest, verb)(url(poll), urlencode(way.form(ids)), content_type=FORM)

    assert_stands(response, guest, poll, way, ids)


@pytest.mark.parametrize("way", IN_FORMS.values(), ids=IN_FORMS)
def test_vote_by_a_multipart_form(way: Way, guest: DocumentedClient) -> None:
    poll, ids = poll_with(**way.poll)
    fields: dict[str, list[int | str]] = {}
    for name, value in way.form(ids):
        fields.setdefault(name, []).append(value)

    response = guest.post(url(poll), fields)

    assert_stands(response, guest, poll, way, ids)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_vote_again_is_the_same_vote(way: Way, guest: DocumentedClient) -> None:
    poll, ids = poll_with(**way.poll)
    first = guest.put(url(poll), way.json(ids), format="json")
    before = stored()

    again = guest.put(url(poll), way.json(ids), format="json")
    posted = guest.post(url(poll), way.json(ids), format="json")

    assert (again.status_code, again.json(), stored()) == (200, first.json(), before)
    assert (posted.status_code, posted.json()["code"]) == (400, "already_voted")


# From one ballot to another of the same poll.
CHANGES: dict[str, tuple[Fields, Callable[[Ids], list[Fields]], Callable[[Ids], list[Fields]]]] = {
    "ranked": (
        {"method": "ranked", "allows_abstention": True},
        lambda ids: [{"ranking": [ids[0]]}, {"ranking": [ids[1], ids[0]]}, {"abstain": True}, {"ranking": [ids[2]]}],
        lambda ids: [
            {"option_ids": None, "ranking": [[ids[0]]]},
            {"option_ids": None, "ranking": [[ids[1]], [ids[0]]]},
            {"option_ids": None, "abstain": True},
            {"option_ids": None, "ranking": [[ids[2]]]},
        ],
    ),
    "score": (
        {"method": "score", "allows_none_of_these": True},
        lambda ids: [{"scores": scores(a=1)(ids)}, {"none_of_these": True}, {"scores": scores(a=2)(ids)}],
        lambda ids: [
            {"option_ids": None, "scores": scores(a=1)(ids)},
            {"option_ids": None, "none_of_these": True},
            {"option_ids": None, "scores": scores(a=2)(ids)},
        ],
    ),
    "proposal": (
        {"method": "yes_no", "options": 4, "reasons": "optional"},
        lambda ids: [
            {"option_id": ids[0]},
            {"option_id": ids[0], "reason": "Why not?"},
            {"option_id": ids[1], "reason": "Too dear."},
            {"option_id": ids[1]},
        ],
        lambda ids: [
            {"option_ids": [ids[0]]},
            {"option_ids": [ids[0]], "reason": "Why not?"},
            {"option_ids": [ids[1]], "reason": "Too dear."},
            {"option_ids": [ids[1]]},
        ],
    ),
}


@pytest.mark.parametrize(("fields", "bodies", "answers"), CHANGES.values(), ids=CHANGES)
def test_change_is_answered_and_read_back(
    fields: Fields,
    bodies: Callable[[Ids], list[Fields]],
    answers: Callable[[Ids], list[Fields]],
    guest: DocumentedClient,
) -> None:
    poll, ids = poll_with(**fields, vote_change=Until.CLOSE)

    told = []
    for body in bodies(ids):
        response = guest.put(url(poll), body, format="json")
        assert guest.get(url(poll)).json() == response.json()
        told.append({name: value for name, value in response.json().items() if name not in {"has_voted", "cast_at"}})

    assert told == answers(ids)
    assert Vote.objects.count() == 1


def test_vote_is_read_though_the_site_has_the_method_no_longer(guest: DocumentedClient) -> None:
    (blank, _ids), (ranked, ids) = poll_with(method="ranked", min_options=0), poll_with(method="ranked")
    guest.post(url(blank), {"ranking": []}, format="json")
    cast = guest.post(url(ranked), {"ranking": ids}, format="json").json()
    Poll.objects.update(method="gone")

    answers = [guest.get(url(each)).json() for each in (blank, ranked)]

    assert (answers[0]["has_voted"], answers[0]["option_ids"], "ranking" in answers[0]) == (True, [], False)
    assert answers[1] == cast
