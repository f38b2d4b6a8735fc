"""Rankings for tests: by letters as the literature writes them, drawn by Hypothesis, and of the real elections."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from django_polls.methods.ballots import Tally
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rankings import ballot_of
from django_polls.methods.rules import Rules, Ties
from tests.methods.real_elections import members_of

Count = Callable[[Iterable[Tally], Rules], Outcome]


@dataclass(frozen=True, slots=True)
class Profile:
    """Ballots over named options, which have the ids 1, 2, 3 in this order."""

    names: tuple[str, ...]
    tallies: tuple[Tally, ...]

    def rules(self, ties: Ties = Ties()) -> Rules:  # noqa: B008 - an immutable value
        return Rules(tuple(range(1, len(self.names) + 1)), ties=ties)

    def counted(self, count: Count, ties: Ties = Ties()) -> Outcome:  # noqa: B008 - an immutable value
        return count(self.tallies, self.rules(ties))

    def named(self, option_ids: Iterable[int]) -> list[str]:
        return [self.names[option_id - 1] for option_id in option_ids]

    def ranking(self, outcome: Outcome) -> list[list[str]]:
        return [self.named(group) for group in outcome.ranking]


def profile(letters: str, ballots: Mapping[str, int]) -> Profile:
    """Return the profile of ballots like `"A BC"`: A before B and C, which are equal, before whoever is not there."""
    ids = {letter: option_id for option_id, letter in enumerate(letters, 1)}
    groups = {text: [[ids[letter] for letter in group] for group in text.split()] for text in ballots}
    tallies = tuple(Tally(ballot_of(groups[text]).body, votes) for text, votes in ballots.items())
    return Profile(tuple(letters), tallies)


@dataclass(frozen=True, slots=True)
class RealElection:
    """An election of the folder, with its figures: published ones and those that others made independently."""

    profile: Profile
    expected: Mapping[str, Any]
    reference: Mapping[str, Any]

    @property
    def pairwise(self) -> tuple[tuple[int, ...], ...]:
        """The matrix of the independent count, in the order of the options."""
        rows, names = self.reference["pairwise"], self.profile.names
        return tuple(tuple(rows[name].get(other, 0) for other in names) for name in names)


def real_election(name: str) -> RealElection:
    """Return an election of the folder of real elections; skip where there is none."""
    members = members_of(name)
    names = tuple(members["candidates"])
    ids = {name: option_id for option_id, name in enumerate(names, 1)}
    tallies = tuple(
        Tally(ballot_of([[ids[name] for name in group] for group in groups]).body, votes)
        for votes, groups in members["ballots"]
    )
    return RealElection(Profile(names, tallies), members["expected"], members["reference"])


def published_ranking(text: str) -> list[set[str]]:
    """Return the groups of a ranking that is published as `"A > B = C"`."""
    return [set(group.split(" = ")) for group in text.split(" > ")]


@st.composite
def elections(draw: st.DrawFn, options: int = 5, votes: int = 4) -> tuple[list[Tally], Rules]:
    """Draw a few weak orders, some short or blank, over options in any order of their ids."""
    option_ids = draw(st.lists(st.integers(1, 99), min_size=2, max_size=options, unique=True))
    lines = st.lists(st.integers(0, len(option_ids)), min_size=len(option_ids), max_size=len(option_ids))
    tallies = st.builds(lambda line, number: Tally(_body(option_ids, line), number), lines, st.integers(1, votes))
    seed = draw(st.binary(max_size=4))
    return draw(st.lists(tallies, max_size=8)), Rules(tuple(option_ids), ties=Ties(seed))


def _body(option_ids: list[int], line: list[int]) -> str:
    """Return the ballot that puts each option on its number's place; zero leaves it unranked."""
    places = sorted(set(line) - {0})
    groups = [
        [option_id for option_id, number in zip(option_ids, line, strict=True) if number == place] for place in places
    ]
    return ballot_of(groups).body
