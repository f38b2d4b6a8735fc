"""What counting costs beside pyrankvote and pref_voting, in time and in memory. It needs no database.

python benchmarks/methods.py [--quick] [--rounds 5]
"""

import argparse
import gc
import sys
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from itertools import permutations, product
from pathlib import Path
from random import Random
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a script, this folder alone is on it

from benchmarks.figures import ROUNDS, Spread, interleaved, system, table, verdict
from django_polls.methods.ballots import Tally
from django_polls.methods.base import VotingMethod
from django_polls.methods.outcomes import Outcome
from django_polls.methods.ranked import Ranked
from django_polls.methods.rankings import ballot_of
from django_polls.methods.rules import Rules
from django_polls.methods.scored import Score

OURS = "django_polls"
SEED = 1
WARM_UP = 1_000
OPTIONS = 10
SEATS = 4
MOST_VOTES = 1_000
MANY_OPTIONS = 100
MANY_OPTIONS_LIMIT_S = 1
PAIRS_GOALS = {"schulze": 3, "ranked_pairs": 3}
LINEAR = 1.1
"""Memory may grow by a tenth more than the ballots do."""

WAYS: Mapping[str, VotingMethod] = {
    "irv": Ranked(),
    "schulze": Ranked(),
    "ranked_pairs": Ranked(),
    "copeland": Ranked(),
    "borda": Ranked(),
    "stv": Ranked(),
    "stv_meek": Ranked(),
    "star": Score(),
    "majority_judgment": Score(),
}

Ranking = tuple[int, ...]
"""The options of a ballot, numbered from 0, best first; the package has each as the id one greater."""

Winners = set[int]

Case = tuple[str, str]
"""The name of a library, and a way of counting."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many distinct ballots are counted: of few options, with their memory told at each size, and of many."""

    ballots: tuple[int, ...]
    of_many_options: tuple[int, ...]


FULL = Sizes((25_000, 50_000, 100_000), (1_000, 10_000))
QUICK = Sizes((2_500, 5_000, 10_000), (100, 1_000))


@dataclass(frozen=True, slots=True)
class Library:
    """A library with the ways in which it counts. `ready` makes the form of the ballots that these take.

    `goals` says how many times as fast as each we want to be; `is_own_form` whether the library itself makes its form.
    """

    name: str
    ready: Callable[[Sequence[Ranking]], object]
    counts: Mapping[str, Callable[[Any], Winners]]
    goals: Mapping[str, int] = field(default_factory=dict)
    is_own_form: bool = True


@dataclass(frozen=True, slots=True)
class Timing:
    """The seconds of making the ballots ready and of counting them, and the two together."""

    ready: Spread
    count: Spread

    @property
    def both(self) -> Spread:
        return Spread.of(map(sum, zip(self.ready.values, self.count.values, strict=True)))


def timed(act: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds that the act took, and what it gave; the litter of what came before it is collected first."""
    gc.collect()
    start = time.perf_counter()
    given = act()
    return time.perf_counter() - start, given


def distinct_rankings(ballots: int, options: int) -> list[Ranking]:
    """Return so many different rankings of all options, each as likely as any other, in no order."""
    random = Random(SEED)
    rankings: dict[Ranking, None] = {}
    while len(rankings) < ballots:
        rankings[tuple(random.sample(range(options), options))] = None
    return list(rankings)


def stored(rankings: Sequence[Ranking]) -> list[Tally]:
    """Return these ballots as the database has them, one vote on each."""
    return [Tally(ballot_of([[option + 1] for option in ranking]).body, 1) for ranking in rankings]


def cut_short(rankings: Sequence[Ranking]) -> list[Tally]:
    """Return these ballots cut off after three places or later, with up to `MOST_VOTES` votes on each that is left."""
    random = Random(SEED)
    shorter = {ranking[: random.randint(3, len(ranking))]: None for ranking in rankings}
    return [Tally(body, random.randint(1, MOST_VOTES)) for body, _votes in stored(list(shorter))]


def scored(ballots: int, *, most_votes: int = 1) -> list[Tally]:
    """Return so many different ballots that give each option 0 to 5."""
    random = Random(SEED)
    bodies: dict[str, None] = {}
    while len(bodies) < ballots:
        bodies[" ".join(f"{option}={random.randint(0, 5)}" for option in range(1, OPTIONS + 1))] = None
    return [Tally(body, random.randint(1, most_votes)) for body in bodies]


def outcome_of(way: str, tallies: Sequence[Tally], options: int = OPTIONS) -> Outcome:
    """Return what the package makes of these ballots."""
    seats = SEATS if way.startswith("stv") else 1
    return WAYS[way].count(tallies, Rules(tuple(range(1, options + 1)), count=way, seats=seats))


def package(rankings: Sequence[Ranking]) -> Library:
    """Return this package, whose ballots are ready as they are stored."""
    ranked, scores = stored(rankings), scored(len(rankings))

    def winners(way: str, _ready: object) -> Winners:
        outcome = outcome_of(way, scores if isinstance(WAYS[way], Score) else ranked)
        return {option_id - 1 for option_id in outcome.winners}

    return Library(OURS, len, {way: partial(winners, way) for way in WAYS})


def pyrankvote() -> Library:
    """Return the library with its candidates and ballots, each of one vote."""
    module = import_module("pyrankvote")
    candidates = [module.Candidate(str(option)) for option in range(OPTIONS)]

    def ready(rankings: Sequence[Ranking]) -> object:
        return [module.Ballot([candidates[option] for option in ranking]) for ranking in rankings]

    def irv(ballots: object) -> Winners:
        elected = module.instant_runoff_voting(candidates, ballots).get_winners()
        return {int(candidate.name) for candidate in elected}

    return Library(f"pyrankvote {version('pyrankvote')}", ready, {"irv": irv}, {"irv": 5})


def pref_voting() -> Library:
    """Return the library with its `Profile`, which has the pairs of options counted when it is made."""
    profiles = import_module("pref_voting.profiles")
    iterative = import_module("pref_voting.iterative_methods")
    by_margins = import_module("pref_voting.margin_based_methods")

    def ready(rankings: Sequence[Ranking]) -> object:
        return profiles.Profile(rankings)

    def winners(count: Callable[[object], Sequence[int]], profile: object) -> Winners:
        return set(map(int, count(profile)))

    methods = {
        "irv": iterative.instant_runoff,
        "schulze": by_margins.beat_path,
        "ranked_pairs": by_margins.ranked_pairs,
    }
    counts = {way: partial(winners, method) for way, method in methods.items()}
    return Library(f"pref_voting {version('pref_voting')}", ready, counts, PAIRS_GOALS)


def pref_voting_from_arrays() -> Library:
    """Return the library as it goes from the arrays in which a `Profile` keeps its ballots to the winners.

    So it counts the pairs as a `Profile` does, after the step of the making that takes longest and before the method.
    """
    numpy = import_module("numpy")
    support = import_module("pref_voting.profiles")._support  # noqa: SLF001  there is no public way to it alone
    graph = import_module("pref_voting.weighted_majority_graphs").MarginGraph
    by_margins = import_module("pref_voting.margin_based_methods")
    places = range(OPTIONS)

    def ready(rankings: Sequence[Ranking]) -> object:
        return numpy.argsort(rankings) + 1, numpy.ones(len(rankings), int)

    def winners(count: Callable[[object], Sequence[int]], arrays: tuple[object, object]) -> Winners:
        votes = {pair: int(support(*arrays, *pair)) for pair in product(places, repeat=2)}
        margins = [(one, other, votes[one, other] - votes[other, one]) for one, other in permutations(places, 2)]
        return set(count(graph(places, [edge for edge in margins if edge[2] > 0])))

    methods = {"schulze": by_margins.beat_path, "ranked_pairs": by_margins.ranked_pairs}
    counts = {way: partial(winners, method) for way, method in methods.items()}
    return Library("pref_voting, from its arrays", ready, counts, PAIRS_GOALS, is_own_form=False)


def installed() -> Iterator[Library]:
    """Yield the other libraries, and say which of them are not there."""
    for name, libraries in {"pyrankvote": [pyrankvote], "pref_voting": [pref_voting, pref_voting_from_arrays]}.items():
        if find_spec(name):
            yield from (library() for library in libraries)
        else:
            print(f"{name} is not installed, so nothing is compared with it.\n")


def timings(libraries: Sequence[Library], rankings: Sequence[Ranking], rounds: int) -> dict[Case, Timing]:
    """Return what each count of each library took; stop unless all of them agree who won."""
    ready: dict[str, list[float]] = defaultdict(list)
    counts: dict[Case, list[float]] = defaultdict(list)
    winners: dict[str, Winners] = {}
    named = {library.name: library for library in libraries}
    for name in interleaved(list(named), rounds):
        spent, ballots = timed(partial(named[name].ready, rankings))
        ready[name].append(spent)
        for way, count in named[name].counts.items():
            spent, won = timed(partial(count, ballots))
            counts[name, way].append(spent)
            if won != winners.setdefault(way, won):
                raise SystemExit(f"{name} has {won} win by {way}, another library {winners[way]}.")
        del ballots  # or the next one is timed with less memory
    return {case: Timing(Spread.of(ready[case[0]]), Spread.of(spent)) for case, spent in counts.items()}


def compared(library: Library, way: str, told: Mapping[Case, Timing]) -> tuple[str, ...]:
    """Return the line on one way of another library beside ours."""
    ours, its = told[OURS, way].count, told[library.name, way]
    goal = library.goals.get(way)
    ratios = [its.count.over(ours), its.both.over(ours)] if library.is_own_form else [its.count.over(ours)]
    cells = [f"{ratio:.3g}" + (f", {verdict(met=ratio.median >= goal)}" if goal else "") for ratio in ratios]
    ready = f"{its.ready:.2f}" if library.is_own_form else ""
    limit = f"at least {goal}" if goal else ""
    return way, library.name, ready, f"{its.count:.4f}", f"{ours:.3f}", *cells, *[""] * (2 - len(cells)), limit


def show_beside_others(sizes: Sizes, rounds: int) -> None:
    """Print how long we and the others count the same ballots, and how long our other counts take."""
    rankings = distinct_rankings(sizes.ballots[-1], OPTIONS)
    others = list(installed())
    for library in (package(rankings[:WARM_UP]), *others):  # what is compiled when it is first called
        timings([library], rankings[:WARM_UP], rounds=1)
    told = timings([package(rankings), *others], rankings, rounds)
    head = ("count", "library", "its form made (s)", "its count (s)", "ours, from the stored bodies (s)")
    rows = [compared(library, way, told) for library in others for way in library.counts]
    lines = table((*head, "count to ours", "form and count to ours", "goal"), sorted(rows))
    title = f"{len(rankings):,} distinct rankings of all {OPTIONS} options, one vote on each"
    print(f"{title}:\n\n{lines if others else 'Nothing to compare with.'}\n", flush=True)
    show_our_own({way: told[OURS, way].count for way in WAYS}, rankings, rounds)


def show_our_own(told: Mapping[str, Spread], rankings: Sequence[Ranking], rounds: int) -> None:
    """Print how long all our counts take, of these ballots and of less tidy ones."""
    ranked, scores = cut_short(rankings), scored(len(rankings), most_votes=MOST_VOTES)
    mixed: dict[str, list[float]] = defaultdict(list)
    for way in interleaved(list(WAYS), rounds):
        tallies = scores if isinstance(WAYS[way], Score) else ranked
        mixed[way].append(timed(partial(outcome_of, way, tallies))[0])
    rows = [(way, f"{spread:.3f}", f"{Spread.of(mixed[way]):.3f}") for way, spread in told.items()]
    head = ("count", "the same (s)", f"up to {MOST_VOTES:,} votes on each, rankings cut short (s)")
    print(f"Ours; {len(ranked):,} rankings are left distinct when cut short:\n\n{table(head, rows)}\n", flush=True)


def show_many_options(sizes: Sizes, rounds: int) -> None:
    """Print how long Schulze takes with many options."""
    rows = []
    for ballots in sizes.of_many_options:
        tallies = stored(distinct_rankings(ballots, MANY_OPTIONS))
        spent = Spread.of(timed(partial(outcome_of, "schulze", tallies, MANY_OPTIONS))[0] for _round in range(rounds))
        rows.append((f"{ballots:,}", f"{spent:.3f}", verdict(met=spent.median < MANY_OPTIONS_LIMIT_S)))
    head = ("distinct rankings", "seconds", f"under {MANY_OPTIONS_LIMIT_S} s")
    print(f"Schulze, {MANY_OPTIONS} options:\n\n{table(head, rows)}\n", flush=True)


def peak(way: str, tallies: Sequence[Tally]) -> int:
    """Return the most bytes that a count had at once, beside the ballots that it is given."""
    gc.collect()
    tracemalloc.start()
    outcome_of(way, tallies)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def show_memory(sizes: Sizes) -> None:
    """Print the peaks of memory at each size."""
    peaks: dict[str, list[int]] = defaultdict(list)
    for size in sizes.ballots:
        ranked, scores = stored(distinct_rankings(size, OPTIONS)), scored(size)
        for way, method in WAYS.items():
            peaks[way].append(peak(way, scores if isinstance(method, Score) else ranked))
    most = LINEAR * sizes.ballots[-1] / sizes.ballots[0]
    rows = [
        (
            way,
            *(f"{each / 1e6:.1f}" for each in told),
            f"{told[-1] / told[0]:.1f}",
            verdict(met=told[-1] / told[0] <= most),
        )
        for way, told in peaks.items()
    ]
    head = ("count", *(f"{size:,} ballots (MB)" for size in sizes.ballots), "last to first", f"at most {most:.1f}")
    print(f"Peaks of memory:\n\n{table(head, rows)}\n", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the ballots")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    sizes = QUICK if options.quick else FULL
    print(f"{system()}; {options.rounds} rounds\n", flush=True)
    show_beside_others(sizes, options.rounds)
    show_many_options(sizes, options.rounds)
    show_memory(sizes)


if __name__ == "__main__":
    main()
