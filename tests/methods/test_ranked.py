"""The method of ranking ballots: its check, and the ways of counting that it offers."""

import pytest
from hypothesis import given

from django_polls import exceptions
from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import Outcome
from django_polls.methods.ranked import COUNTS, Ranked
from django_polls.methods.rankings import ballot_of
from django_polls.methods.rules import Rules
from tests.methods.profiles import A, B, C, cast, profile

RULES = Rules((A, B, C))
# In D. Saari's manner: the ways of counting need not agree. A has most first preferences, B is eliminated last.
DISAGREED = profile("5 A>C>B, 4 B>C>A, 2 C>B>A")


def test_ranked_checks_rankings() -> None:
    Ranked().check(ballot_of([[A], [C]]), RULES)
    with pytest.raises(exceptions.TiedRanks):
        Ranked().check(ballot_of([[A, C]]), RULES)


def test_ranked_counts_by_the_rules_and_else_by_instant_run_off() -> None:
    winners = {count: Ranked().count(DISAGREED, Rules((A, B, C), count=count)).winners for count in ("", *COUNTS)}

    assert winners == {
        "": (B,),
        "irv": (B,),
        "borda": (C,),
        "schulze": (C,),
        "ranked_pairs": (C,),
        "copeland": (C,),
        "stv": (B,),
        "stv_meek": (B,),
    }


@pytest.mark.parametrize("count", COUNTS)
@given(tallies=cast(4))
def test_every_count_tells_all_votes_and_is_the_same_after_its_json(count: str, tallies: list[Tally]) -> None:
    outcome = Ranked().count(tallies, Rules((1, 2, 3, 4), count=count))

    assert (outcome.method, outcome.version, outcome.count) == ("ranked", 1, count)
    assert outcome.votes == sum(votes for _body, votes in tallies)
    assert bool(outcome.winners) == any(body for body, votes in tallies)
    assert Outcome.from_json(outcome.to_json()) == outcome
