"""What results cost: their SQL at each size, many distinct ballots, the bytes of a vote, and deleting.

python benchmarks/results.py [--quick] [--rounds 5]
"""

import argparse
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a script, this folder alone is on it

from benchmarks import host  # noqa: F401  sets Django up
from benchmarks.figures import ROUNDS, Spread, interleaved, machine, table, verdict
from benchmarks.polls import MeasuredPoll, add_pending, approval, load_votes, single_choice
from django_polls import lifecycle, results
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Vote
from django_polls.voting import cast_vote

OPTIONS = 10
APPROVAL_OPTIONS = 20
PENDING = 10_000
SQL_LIMIT_MS = 5
APPROVAL_LIMIT_S = 0.5
BYTES_LIMIT = 200
TIME = re.compile(r"(?:Planning|Execution) Time: ([\d.]+) ms")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is loaded. `million` is the size at which bytes are told and things deleted."""

    small: int
    million: int
    large: int
    distinct_ballots: int


FULL = Sizes(10_000, 1_000_000, 10_000_000, 100_000)
QUICK = Sizes(1_000, 50_000, 200_000, 10_000)


def milliseconds(act: Callable[[], object]) -> float:
    """Return how long the act took."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1_000


def statements_of(target: MeasuredPoll) -> list[str]:
    """Return the statements by which the poll's outcome is read."""
    with CaptureQueriesContext(connection) as captured:
        results.outcome_of(target.poll)
    return [query["sql"] for query in captured.captured_queries]


def explained(sql: str) -> tuple[float, str]:
    """Return the milliseconds that the server planned and executed a statement for, and the nodes of its plan."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {sql.replace('%', '%%')}", [])
        lines = [row[0] for row in cursor.fetchall()]
    times = [float(found[1]) for line in lines if (found := TIME.match(line))]
    nodes = [line.split("  (cost")[0].strip() for line in lines if "(cost" in line]
    return sum(times), "\n".join(nodes)


def time_results(targets: dict[str, MeasuredPoll], rounds: int) -> dict[str, tuple[Spread, Spread, str]]:
    """Return, for each poll, the milliseconds of its result's SQL and of the whole call, and its plans."""
    sql: dict[str, list[float]] = defaultdict(list)
    wall: dict[str, list[float]] = defaultdict(list)
    plans = {}
    for name in interleaved(list(targets), rounds):
        told = [explained(statement) for statement in statements_of(targets[name])]
        sql[name].append(sum(spent for spent, _plan in told))
        plans[name] = "\n".join(plan for _spent, plan in told)
        wall[name].append(milliseconds(partial(results.outcome_of, targets[name].poll)))
    return {name: (Spread.of(sql[name]), Spread.of(wall[name]), plans[name]) for name in targets}


def show_results(targets: dict[str, MeasuredPoll], rounds: int) -> None:
    """Print what single-choice results cost, compacted and with entries pending."""
    told = {"compacted": time_results(targets, rounds)}
    for target in targets.values():
        add_pending(target, PENDING)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) django_polls_ledgerentry")
    told[f"{PENDING:,} entries pending"] = time_results(targets, rounds)
    plans = {plan for measured in told.values() for _sql, _wall, plan in measured.values()}
    if any("django_polls_vote" in plan for plan in plans):
        raise SystemExit(f"A result scans votes: {plans}")
    rows = [
        (votes, state, f"{sql:.2f}", f"{wall:.2f}", verdict(met=sql.median <= SQL_LIMIT_MS and len(plans) == 1))
        for state, measured in told.items()
        for votes, (sql, wall, _plan) in measured.items()
    ]
    head = ("votes", "ledger", "SQL, planned and executed (ms)", "whole call (ms)", f"at most {SQL_LIMIT_MS} ms of SQL")
    print(f"Single-choice results, {OPTIONS} options; {len(plans)} plan in all, and none reads a vote:\n")
    print(table(head, rows), *[f"```\n{plan}\n```" for plan in plans], sep="\n\n", end="\n\n", flush=True)


def show_approval(target: MeasuredPoll, rounds: int) -> None:
    """Print what an approval result costs counted afresh, and remembered."""
    cold, remembered = [], []
    for _round in range(rounds):
        target.poll.revision += 1  # what is remembered is remembered under the revision
        cold.append(milliseconds(lambda: results.outcome_of(target.poll)) / 1_000)
        remembered.append(milliseconds(lambda: results.outcome_of(target.poll)) / 1_000)
    counted, kept = Spread.of(cold), Spread.of(remembered)
    goal = verdict(met=counted.median <= APPROVAL_LIMIT_S)
    rows = [
        ("counted afresh", f"{counted:.3f}", f"at most {APPROVAL_LIMIT_S}", goal),
        ("remembered: asked whether its votes have changed", f"{kept:.3f}", "", ""),
    ]
    title = f"An approval result over {len(target.ballot_ids):,} distinct ballots"
    print(f"{title}:\n\n{table(('', 'seconds', 'goal', ''), rows)}\n", flush=True)
    for statement in statements_of(target):
        spent, plan = explained(statement)
        print(f"{spent:.1f} ms of SQL, remembered:\n\n```\n{plan}\n```\n")


def relation_bytes(name: str) -> tuple[int, int]:
    """Return the bytes of a table, and of its indexes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_table_size(%s::regclass), pg_indexes_size(%s::regclass)", [name, name])
        table_size, index_size = cursor.fetchone()
    return table_size, index_size


def show_bytes(votes: int) -> None:
    """Print what a guest's vote takes on disk; the table holds so many and no others."""
    rows, index = relation_bytes("django_polls_vote")
    each = (rows + index) / votes
    goal = verdict(met=each <= BYTES_LIMIT)
    line = (f"{votes:,}", f"{rows / votes:.0f}", f"{index / votes:.0f}", f"{each:.0f}", f"at most {BYTES_LIMIT}", goal)
    print("Bytes of a guest's vote on disk:\n")
    print(f"{table(('votes', 'row', 'indexes', 'together', 'goal', ''), [line])}\n", flush=True)


def show_deletions(single: MeasuredPoll, many: MeasuredPoll) -> None:
    """Print how long deleting a user and polls takes."""
    user = get_user_model().objects.create(username="voter")
    option = single.poll.options.all()[0]
    cast_vote(single.poll, Voter.from_user(user), Ballot.of(option.pk))
    rows = [("a user who has voted", Vote.objects.count(), milliseconds(user.delete))]
    for name, target in (("a poll of one mark a vote", single), (f"one of {len(many.ballot_ids):,} ballots", many)):
        votes = Vote.objects.filter(poll=target.poll).count()
        rows.append((name, votes, milliseconds(partial(lifecycle.delete_poll, target.poll, with_votes=True))))
    told = [(name, f"{votes:,}", f"{spent / 1_000:.2f}") for name, votes, spent in rows]
    print(f"Deleting:\n\n{table(('what', 'votes', 'seconds'), told)}\n", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes, under a minute")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    sizes = QUICK if options.quick else FULL
    print(f"{machine()}; {options.rounds} rounds\n", flush=True)
    single = single_choice(OPTIONS)
    load_votes(single, sizes.million)
    show_bytes(sizes.million)
    many = approval(APPROVAL_OPTIONS, sizes.distinct_ballots)
    load_votes(many, sizes.million)
    show_approval(many, options.rounds)
    targets = {}
    for votes in (sizes.small, sizes.large):
        targets[votes] = single_choice(OPTIONS)
        load_votes(targets[votes], votes)
    targets[sizes.million] = single
    show_results({f"{votes:,}": targets[votes] for votes in sorted(targets)}, options.rounds)
    show_deletions(single, many)


if __name__ == "__main__":
    main()
