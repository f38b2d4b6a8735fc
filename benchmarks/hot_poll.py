"""Many voters at once in one poll: what the ledger, the hold and the checks cost a vote, and how long a closer waits.

python benchmarks/hot_poll.py [--seconds 4] [--rounds 7]
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from django.db import connection, transaction

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a script, this folder alone is on it

from benchmarks import host
from benchmarks.figures import Spread, interleaved, machine, table, verdict
from benchmarks.polls import MeasuredPoll, differing_ballots, forget_votes, single_choice
from django_polls import statements

CONNECTIONS = 32
OPTIONS = 4
ROUNDS = 7
VOTERS = 100
CLOSES = 40
WAIT_LIMIT_MS = 100
COMPACT_EVERY = 1_000

VOTE = """
INSERT INTO django_polls_vote (poll_id, voter_key, voter_id, ballot_id, cast_at)
VALUES (%(poll)s, %(voter_key)s, %(voter)s, %(ballot)s, clock_timestamp())
"""
# As the package has it, in functions whose plans a connection keeps, but without the hold and the checks.
FUNCTION = """
CREATE FUNCTION {name}(p_poll uuid, p_voter_key uuid, p_voter integer, p_ballot bigint) RETURNS void
LANGUAGE plpgsql AS $$ BEGIN {statements} END $$
"""
VOTE_IN_FUNCTION = """
INSERT INTO django_polls_vote (poll_id, voter_key, voter_id, ballot_id, cast_at)
VALUES (p_poll, p_voter_key, p_voter, p_ballot, clock_timestamp());
"""
LEDGER_IN_FUNCTION = "INSERT INTO django_polls_ledgerentry (ballot_id, delta) VALUES (p_ballot, 1);"
FUNCTIONS = {"insert_vote": VOTE_IN_FUNCTION, "insert_both": VOTE_IN_FUNCTION + LEDGER_IN_FUNCTION}
CALL = "SELECT {name}(%(poll)s, %(voter_key)s, %(voter)s, %(ballot)s)"
CANDIDATES = {
    "a": ("the vote row alone", VOTE),
    "f": ("the vote row alone, by a function", CALL.format(name="insert_vote")),
    "b": ("vote and ledger rows, by a function", CALL.format(name="insert_both")),
    "c": ("the whole call, `statements.CAST`", statements.CAST),
    "d": (
        "BEGIN, FOR SHARE, two INSERTs, COMMIT",
        f"""
        BEGIN;
        SELECT revision, is_draft, opens_at, expires_at, closed_at, clock_timestamp()
        FROM django_polls_poll WHERE id = %(poll)s FOR SHARE;
        {VOTE};
        INSERT INTO django_polls_ledgerentry (ballot_id, delta) VALUES (%(ballot)s, 1);
        COMMIT;
        """,
    ),
}
GOALS = (("b", "a", 0.8), ("c", "a", 0.6), ("c", "d", 1.3))
COUNTING = {"b", "c", "d"}


@dataclass(frozen=True, slots=True)
class Load:
    """How many connections vote, and for how long."""

    connections: int
    seconds: int


def script(statement: str, target: MeasuredPoll) -> str:
    """Return a statement as pgbench runs it: the values as Django's cursor writes them, the voter and ballot random."""
    cases = " ".join(f"WHEN :chosen = {number} THEN {pk}" for number, pk in enumerate(target.ballot_ids))
    poll = target.poll
    values = {
        "lock": statements.lock_number(poll.pk),
        "poll": f"'{poll.pk}'::uuid",
        "voter_key": "gen_random_uuid()",
        "voter": "NULL",
        "ballot": ":ballot",
        "revision": poll.revision,
    }
    chosen = f"\\set chosen random(0, {len(target.ballot_ids) - 1})\n\\set ballot CASE {cases} END\n"
    return f"{chosen}{(statement % values).strip().removesuffix(';')};\n"


def compaction(target: MeasuredPoll) -> str:
    """Return the statement that every thousandth vote is followed by, as pgbench runs it."""
    poll = target.poll
    values = {"lock": statements.lock_number(poll.pk, purpose=1), "poll": f"'{poll.pk}'::uuid"}
    return f"{(statements.COMPACT % values).strip()};\n"


@contextmanager
def voting(name: str, target: MeasuredPoll, load: Load) -> Iterator["subprocess.Popen[str]"]:
    """Yield a process whose connections cast votes by one of the candidates."""
    with tempfile.TemporaryDirectory() as folder:
        vote, compact = Path(folder, "vote.sql"), Path(folder, "compact.sql")
        vote.write_text(script(CANDIDATES[name][1], target), encoding="utf-8")
        compact.write_text(compaction(target), encoding="utf-8")
        files = [f"--file={vote}@{COMPACT_EVERY - 1}"] + ([f"--file={compact}@1"] if name in COUNTING else [])
        size = [f"--client={load.connections}", f"--jobs={os.cpu_count()}", f"--time={load.seconds}"]
        command = [host.pgbench(), "--no-vacuum", *size, *files]
        with subprocess.Popen(
            [*command, os.environ["DATABASE_URL"]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            yield process


def votes_per_second(name: str, target: MeasuredPoll, load: Load) -> float:
    """Run one candidate, and check that what it counted is what it stored."""
    with voting(name, target, load) as process:
        output, errors = process.communicate()
    found = re.search(r"tps = ([\d.]+)", output)
    if found is None or "ERROR" in errors or (name in COUNTING and differing_ballots()):
        raise SystemExit(f"Candidate {name} failed: {errors or output}")
    return float(found[1])


@contextmanager
def old_snapshot() -> Iterator[None]:
    """Hold a snapshot open, as a backup does."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as backup:
        backup.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        backup.execute("SELECT 1")
        yield


def compare(target: MeasuredPoll, load: Load, rounds: int, *, with_old_snapshot: bool) -> dict[str, Spread]:
    """Return the votes per second of each candidate, each time on an empty poll."""
    rates: dict[str, list[float]] = defaultdict(list)
    for name in interleaved(list(CANDIDATES), rounds):
        forget_votes()
        with old_snapshot() if with_old_snapshot else nullcontext():
            rates[name].append(votes_per_second(name, target, load))
    return {name: Spread.of(rates[name]) for name in CANDIDATES}


def close_waits(target: MeasuredPoll, load: Load) -> Spread:
    """Return the milliseconds for which each of many exclusive holds waited."""
    waits: list[float] = []
    forget_votes()
    with voting("c", target, load) as process:
        time.sleep(1)
        while process.poll() is None and len(waits) < CLOSES:
            waits.append(hold_wait(target))
            time.sleep(0.05)
        process.communicate()
    return Spread.of(waits)


def hold_wait(target: MeasuredPoll) -> float:
    """Return the milliseconds in which the poll was held as `lifecycle.close_poll` holds it."""
    with transaction.atomic():
        start = time.perf_counter()
        statements.held_poll(target.poll.pk, "default", exclusively=True)
        return (time.perf_counter() - start) * 1_000


def free_connections() -> int:
    """Return how many more connections the server takes."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
              - (SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
        """)
        return int(cursor.fetchone()[0])


def show_rates(target: MeasuredPoll, load: Load, rounds: int, *, with_old_snapshot: bool) -> None:
    """Print the votes per second of each candidate, and the ratios that there are goals for."""
    rates = compare(target, load, rounds, with_old_snapshot=with_old_snapshot)
    print(f"{'With an old snapshot held open' if with_old_snapshot else 'Without an old snapshot'}:\n")
    rows = [(f"({name})", CANDIDATES[name][0], f"{rate:,.0f}") for name, rate in rates.items()]
    print(table(("", "candidate", "votes/s"), rows), end="\n\n")
    goals = []
    for over, under, goal in GOALS:
        ratio = rates[over].over(rates[under])
        goals.append((f"({over}) / ({under})", f"{ratio:.2f}", f"at least {goal}", verdict(met=ratio.median >= goal)))
    print(table(("ratio", "median", "goal", ""), goals), end="\n\n", flush=True)


def show_waits(target: MeasuredPoll, load: Load) -> None:
    """Print how long a closer waits."""
    waits = close_waits(target, load)
    row = (load.connections, len(waits.values), f"{waits:.0f}", f"at most {WAIT_LIMIT_MS}")
    met = verdict(met=max(waits.values) <= WAIT_LIMIT_MS)
    print(table(("voters", "closers", "wait of a closer (ms)", "goal", ""), [(*row, met)]))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=4, help="how long each candidate runs in a round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    load = Load(CONNECTIONS, options.seconds)
    with connection.cursor() as cursor:
        for name, body in FUNCTIONS.items():
            cursor.execute(FUNCTION.format(name=name, statements=body))
    target = single_choice(OPTIONS)
    print(f"{machine()}; {CONNECTIONS} connections, {options.rounds} rounds of {options.seconds} s\n", flush=True)
    for held in (False, True):
        show_rates(target, load, options.rounds, with_old_snapshot=held)
    show_waits(target, replace(load, connections=min(VOTERS, free_connections() - 2), seconds=2 * options.seconds))


if __name__ == "__main__":
    main()
