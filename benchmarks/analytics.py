"""What the analytics pages of the admin cost at a million votes: the whole request, and what of it is SQL.

python benchmarks/analytics.py [--quick] [--rounds 5]
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a script, this folder alone is on it

from benchmarks import host  # noqa: F401  sets Django up
from benchmarks.figures import ROUNDS, Spread, interleaved, machine, table
from benchmarks.polls import MeasuredPoll, approval, load_votes, single_choice

OPTIONS = 10
APPROVAL_OPTIONS = 20
DAYS = 30
MILLION, BALLOTS = 1_000_000, 100_000
QUICK_MILLION, QUICK_BALLOTS = 20_000, 2_000


def administrator() -> Client:
    """Return a browser in which a superuser is logged in."""
    users = get_user_model()._default_manager  # noqa: SLF001
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(users.create(username="admin", is_staff=True, is_superuser=True))
    return client


def page_of(target: MeasuredPoll) -> str:
    """Return the address of the page of a poll."""
    return reverse("admin:django_polls_poll_analytics", args=[target.poll.pk])


def seconds(client: Client, address: str) -> tuple[float, float]:
    """Return how long a page took, and how long the database worked on it and sent rows."""
    start = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    spent = time.perf_counter() - start
    if response.status_code != 200 or b"polls-plot" not in response.content:
        raise SystemExit(f"{address} has no chart: {response.status_code}")
    return spent, sum(float(query["time"]) for query in captured.captured_queries)


def show(client: Client, addresses: Mapping[str, str], rounds: int) -> None:
    """Print what each page costs."""
    whole: dict[str, list[float]] = defaultdict(list)
    sql: dict[str, list[float]] = defaultdict(list)
    for name in interleaved(list(addresses), rounds):
        spent, in_database = seconds(client, addresses[name])
        whole[name].append(spent)
        sql[name].append(in_database)
    rows = [(name, f"{Spread.of(whole[name]):.2f}", f"{Spread.of(sql[name]):.2f}") for name in addresses]
    print(table(("page", "whole request (s)", "of it the statements (s)"), rows), end="\n\n", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes, a few seconds")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    votes, ballots = (QUICK_MILLION, QUICK_BALLOTS) if options.quick else (MILLION, BALLOTS)
    print(f"{machine()}; {options.rounds} rounds\n", flush=True)
    client = administrator()
    single = single_choice(OPTIONS)
    load_votes(single, votes, days=DAYS)
    everything = reverse("admin:django_polls_analytics")
    one = f"a poll of {votes:,} votes on {OPTIONS} ballots, over {DAYS} days"
    show(client, {one: page_of(single), f"all polls, {votes:,} votes": everything}, options.rounds)
    many = approval(APPROVAL_OPTIONS, ballots)
    load_votes(many, votes, days=DAYS)
    other = f"a poll of {votes:,} votes on {ballots:,} ballots"
    show(client, {other: page_of(many), f"all polls, {2 * votes:,} votes": everything}, options.rounds)


if __name__ == "__main__":
    main()
