"""The real elections of `ELECTIONS_DIR` as polls: cast vote by vote, and counted as each was, or as others count it."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import OptionPoints, Outcome
from django_polls.models import Poll
from django_polls.results import outcome_of
from django_polls.verification import findings_of
from tests.management.importing import imported, large, members_of, real, reference

pytestmark = pytest.mark.django_db(transaction=True)


def poll_of(path: Path, *arguments: object) -> Poll:
    """Return the poll of a real election, once all of its ballots are cast in it and nothing is wrong with it."""
    lines = imported(path, *arguments)
    poll = Poll.objects.get(pk=lines[0].removeprefix("Poll "))

    assert lines[1] == f"{members_of(path)['n_ballots']} cast, 0 not expressible under this method"
    assert findings_of(poll.pk) == []
    return poll


def texts(poll: Poll, option_ids: Iterable[int]) -> list[str]:
    by_id = {option.pk: option.text for option in poll.options.all()}
    return [by_id[option_id] for option_id in option_ids]


def winners(poll: Poll) -> list[str]:
    return texts(poll, outcome_of(poll).winners)


def figures(poll: Poll, rows: Iterable[OptionPoints]) -> dict[str, Any]:
    rows = list(rows)
    points = [row.points for row in rows]
    return dict(zip(texts(poll, (row.option_id for row in rows)), points, strict=True))


def recounted(poll: Poll, count: str) -> Outcome:
    """Count the stored ballots of a poll in another way than its own."""
    tallies = [Tally(body, votes) for _poll, body, votes, _weight in poll.ballots.counted_ballots()]
    return poll.voting_method.count(tallies, replace(poll.rules, count=count))


def check_pairs(poll: Poll, outcome: Outcome, path: Path) -> None:
    """Compare who is preferred to whom, by how many votes, with the figures of others."""
    names, pairs = [option.text for option in poll.options.all()], reference(path)["pairwise"]
    matrix = {name: dict(zip(names, row, strict=True)) for name, row in zip(names, outcome.pairwise, strict=True)}
    assert {one: {other: matrix[one][other] for other in row} for one, row in pairs.items()} == pairs


@pytest.mark.postgres
def test_burlington_2009_has_three_winners() -> None:
    path = real("burlington-2009")
    imported(path)

    plurality = Poll.objects.get()
    run_off, condorcet = (poll_of(path, "--method", "ranked", "--count", count) for count in ("irv", "schulze"))

    assert winners(plurality) == ["Kurt Wright (Republican)"]
    assert winners(run_off) == ["Bob Kiss (Progressive)"]
    assert winners(condorcet) == ["Andy Montroll (Democrat)"]
    last = outcome_of(run_off).rounds[-1]
    assert {"tally": figures(run_off, last.totals), "exhausted": last.exhausted} == reference(path)["irv_rounds"][-1]
    check_pairs(condorcet, outcome_of(condorcet), path)


@pytest.mark.parametrize("name", ["debian-dpl-2003", "debian-dpl-2006"])
def test_debian_elects_its_leader_by_schulze(name: str) -> None:
    path = real(name)
    published = members_of(path)["expected"]["schulze"]

    poll = poll_of(path, "--method", "ranked", "--count", "schulze")

    outcome = outcome_of(poll)
    assert winners(poll) == [published["official"]]
    assert [set(texts(poll, group)) for group in outcome.ranking] == [
        set(group.split(" = ")) for group in published["ranking"].split(" > ")
    ]
    check_pairs(poll, outcome, path)


def test_best_pet_by_star_equals_its_reference() -> None:
    path = real("bettervoting-best-pet")
    expected = reference(path)

    poll = poll_of(path, "--method", "score", "--count", "star")

    scoring, run_off = outcome_of(poll).rounds
    assert figures(poll, scoring.totals) == expected["score_totals"]
    assert {**figures(poll, run_off.totals), "no preference": run_off.exhausted} == expected["star_detail"]["runoff"]
    assert winners(poll) == expected["star"]


@pytest.mark.postgres
def test_minneapolis_2009_elects_three_commissioners() -> None:
    path = large("minneapolis-2009-park")
    members = members_of(path)

    poll = poll_of(path, "--method", "ranked", "--count", "stv", "--seats", members["seats"])

    first = outcome_of(poll).rounds[0]
    # What makes a quota of 36,655 ballots for three seats: a quarter of them, and one.
    assert (first.quota, figures(poll, first.totals)) == (9_164, reference(path)["irv_rounds"][0]["tally"])
    assert sorted(winners(poll)) == sorted(members["oracle"]["pyrankvote_stv"])


@pytest.mark.postgres
def test_alaska_2022_by_run_off_and_by_pairs() -> None:
    path = large("alaska-2022-special")
    expected = reference(path)

    poll = poll_of(path, "--method", "ranked")

    by_pairs = recounted(poll, "schulze")
    rounds = [{"tally": figures(poll, one.totals), "exhausted": one.exhausted} for one in outcome_of(poll).rounds]
    assert rounds == expected["irv_rounds"]
    assert (winners(poll), texts(poll, by_pairs.winners)) == (expected["irv"], expected["schulze"])
    check_pairs(poll, by_pairs, path)
