"""Burlington's election of a mayor in 2009, cast ballot by ballot over the API: three counts name three people."""

import json
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from django_polls.methods.ballots import Tally
from django_polls.methods.ranked import Ranked
from django_polls.methods.rankings import ballot_of
from django_polls.methods.rules import Rules
from django_polls.models import Poll, Vote
from tests.api.conftest import client_of
from tests.api.documented import DocumentedClient
from tests.methods.real_elections import members_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

Ranking = Sequence[Sequence[int]]


@pytest.fixture
def _hasty(transactional_db: None) -> Iterator[None]:
    """Let the server answer before its disk has a commit: nine thousand of them are waited for otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        yield
        cursor.execute("RESET synchronous_commit")


def rankings_in(members: Mapping[str, Any], ids: Mapping[str, int]) -> list[Ranking]:
    """Return the ranking of each voter, in an order that means nothing."""
    rankings: list[Ranking] = [
        [[ids[name] for name in place] for place in places]
        for number, places in members["ballots"]
        for _number in range(number)
    ]
    Random(2009).shuffle(rankings)
    return rankings


def count_of(members: Mapping[str, Any], ids: Mapping[str, int], rules: Rules) -> dict[str, Any]:
    """Return what the method makes of the file's ballots, none of which goes through the API."""
    tallies = [
        Tally(ballot_of([[ids[name] for name in place] for place in places]).body, number)
        for number, places in members["ballots"]
    ]
    facts: dict[str, Any] = json.loads(Ranked().count(tallies, rules).to_json())
    return facts


def is_cast(guest: DocumentedClient, path: str, number: int, ranking: Ranking) -> bool:
    """Vote as the guest at an address of this number, and say whether the answer is this vote."""
    address = f"198.18.{number // 256}.{number % 256}"
    response = guest.post(path, {"ranking": ranking}, format="json", REMOTE_ADDR=address)
    return response.status_code == 200 and response.json()["ranking"] == [sorted(place) for place in ranking]


@pytest.mark.usefixtures("_hasty")
def test_burlington_2009_has_three_winners(owner: User, guest: DocumentedClient, settings: Settings) -> None:
    settings.DJANGO_POLLS_THROTTLE_RATES = {}
    members, manager = members_of("burlington-2009"), client_of(owner)
    options = [{"text": name} for name in members["candidates"]]
    fields = {"title": members["title"], "method": "ranked", "count": "irv", "equal_ranks": True}
    made = manager.post("/api/polls/", {**fields, "options": options}, format="json").json()
    ids = {option["text"]: option["id"] for option in made["options"]}
    names, path = {option_id: name for name, option_id in ids.items()}, f"/api/polls/{made['id']}/"

    rankings = rankings_in(members, ids)
    refused = [each for each in enumerate(rankings) if not is_cast(guest, f"{path}vote/", *each)]
    manager.post(f"{path}close/")
    run_off = guest.get(f"{path}results/").json()
    others = {answer["count"]: answer for answer in manager.get(f"{path}results/comparison/").json()}

    assert (refused, len(rankings), Vote.objects.count()) == ([], 8_980, 8_980)
    direct = count_of(members, ids, Poll.objects.prefetch_related("options").get().final_rules)
    first = {option["option_id"]: option["votes"] for option in direct.pop("options")}
    assert direct.pop("version") == Ranked.version
    assert {name: run_off[name] for name in direct} == direct
    assert {option["id"]: option["vote_count"] for option in run_off["options"]} == first
    last = {names[row["option_id"]]: row["points"] for row in run_off["rounds"][-1]["totals"]}
    told = {"tally": last, "exhausted": run_off["rounds"][-1]["exhausted"]}
    assert told == members["reference"]["irv_rounds"][-1]
    winners = [max(first, key=first.__getitem__), *run_off["winners"], *others["schulze"]["winners"]]
    assert [names[winner] for winner in winners] == [
        "Kurt Wright (Republican)",
        "Bob Kiss (Progressive)",
        "Andy Montroll (Democrat)",
    ]
