"""The Borda count."""

from fractions import Fraction

import pytest
from hypothesis import given

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import OptionCount, OptionPoints, Outcome
from django_polls.methods.positional import borda
from django_polls.methods.rankings import ranking_in
from django_polls.methods.rules import Rules
from tests.methods.named_profiles import elections, profile, real_election


def test_borda_s_own_example() -> None:
    # Borda (1781): 21 voters, of whom the most have A first, and 13 have A last. His points are one more on each
    # ballot: 37, 42 and 47.
    votes = profile("ABC", {"A B C": 1, "A C B": 7, "B C A": 7, "C B A": 6})

    assert votes.counted(borda) == Outcome(
        method="ranked",
        version=1,
        tie_rule="declare",
        votes=21,
        options=(OptionCount(1, 8), OptionCount(2, 7), OptionCount(3, 6)),
        winners=(3,),
        count="borda",
        ranking=((3,), (2,), (1,)),
        points=(OptionPoints(1, 16), OptionPoints(2, 21), OptionPoints(3, 26)),
        pairwise=((0, 8, 8), (13, 0, 8), (13, 13, 0)),
    )


def test_borda_of_tennessee() -> None:
    # Wikipedia, "Borda count": Memphis, Nashville, Chattanooga, Knoxville.
    tennessee = profile("MNCK", {"M N C K": 42, "N C K M": 26, "C K N M": 15, "K C N M": 17})

    outcome = tennessee.counted(borda)

    assert outcome.points == tuple(map(OptionPoints, (1, 2, 3, 4), (126, 194, 173, 107)))
    assert outcome.ranking == ((2,), (3,), (1,), (4,))


def test_equal_and_unranked_options_share_what_their_places_bring() -> None:
    # 3, 2, 1 and 0 points: A and B share 5, C and D share 1; then A has 3 and the others share 3.
    votes = profile("ABCD", {"AB": 1, "A": 1})

    outcome = votes.counted(borda)

    assert outcome.points == tuple(map(OptionPoints, (1, 2, 3, 4), ("5.5", "3.5", "1.5", "1.5")))
    assert outcome.ranking == ((1,), (2,), (3, 4))


@given(elections())
def test_points_are_those_of_the_definition(election: tuple[list[Tally], Rules]) -> None:
    tallies, rules = election
    points = dict.fromkeys(rules.option_ids, Fraction(0))
    for body, number in tallies:
        ranks = {option_id: rank for rank, group in enumerate(ranking_in(body)) for option_id in group}
        for one in points:
            for other in points.keys() - {one}:
                mine, theirs = ranks.get(one, 1_000), ranks.get(other, 1_000)
                points[one] += number * Fraction((mine < theirs) + (mine <= theirs), 2)
    size, votes = len(points), sum(number for _body, number in tallies)

    outcome = borda(tallies, rules)

    assert {each.option_id: Fraction(each.points) for each in outcome.points} == points
    assert sum(points.values()) == votes * Fraction(size * (size - 1), 2)


@pytest.mark.parametrize(
    "name",
    ["debian-dpl-2003", "debian-dpl-2006", "burlington-2009", "alaska-2022-special", "minneapolis-2009-park"],
)
def test_real_election(name: str) -> None:
    election = real_election(name)
    ballots = election.profile
    points = [Fraction(election.reference["borda_average_scores"][name]) for name in ballots.names]

    outcome = ballots.counted(borda)

    assert [Fraction(each.points) for each in outcome.points] == points
    assert ballots.named(outcome.winners) == election.reference["borda_average"]


@pytest.mark.parametrize("name", ["debian-dpl-2003", "debian-dpl-2006"])
def test_real_election_has_the_published_ranking(name: str) -> None:
    election = real_election(name)
    published = election.expected["borda_average_php"]["ranking"].split(" > ")

    assert election.profile.ranking(election.profile.counted(borda)) == [[each] for each in published]
