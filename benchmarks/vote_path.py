"""What a vote costs the web server: this package's endpoint, a view by hand with the same SQL, a sketch, and a hello.

python benchmarks/vote_path.py [--seconds 4] [--rounds 5] [--workers 2] [--threads 4] [--clients 8]
"""

import argparse
import os
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from ipaddress import IPv4Address
from pathlib import Path

from django.db import connection
from django.utils import timezone

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a script, this folder alone is on it

from benchmarks import host  # noqa: F401  sets Django up
from benchmarks.figures import ROUNDS, Spread, interleaved, machine, table, verdict
from benchmarks.models import SketchedOption, SketchedPoll, SketchedVote
from benchmarks.polls import MeasuredPoll, differing_ballots, load_votes, single_choice, unchecked
from django_polls.conf import conf
from django_polls.models import Vote

OPTIONS = 4
VOTES_BEFORE = 100_000
CPU_GOAL = 1.6
RATE_GOAL = 2
# The votes that are there have other addresses.
FIRST_ADDRESS = IPv4Address("20.0.0.0")
ADDRESSES_OF_CLIENT = 1 << 16


@dataclass(frozen=True, slots=True)
class Load:
    """How many ask, how many answer, and for how long."""

    seconds: int
    workers: int
    threads: int
    clients: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """An URL that is asked, and what with."""

    about: str
    path: str
    body: str


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one candidate: milliseconds of the web processes' CPU a request, and requests a second."""

    cpu: Spread
    rate: Spread


def candidates(poll: MeasuredPoll, sketch: SketchedPoll) -> dict[str, Candidate]:
    """Return the candidates by name."""
    body = f'{{"option_id": {poll.poll.options.all()[0].pk}}}'
    sketched = f'{{"option_id": {SketchedOption.objects.filter(poll=sketch)[0].pk}}}'
    return {
        "hello": Candidate("Django's hello", "/hello/", ""),
        "plain": Candidate("a plain view with the same SQL", f"/plain/{poll.poll.pk}/", body),
        "package": Candidate("this package's endpoint", f"/api/polls/{poll.poll.pk}/vote/", body),
        "sketch": Candidate("the sketched view", f"/sketch/{sketch.pk}/", sketched),
    }


def sketched_poll() -> SketchedPoll:
    """Store the poll of the sketched view, with as many votes as the other."""
    poll = SketchedPoll.objects.create(title="Benchmark", expires_at=timezone.now() + timedelta(days=1))
    options = [SketchedOption.objects.create(poll=poll, text=f"Option {number}") for number in range(OPTIONS)]
    with unchecked() as cursor:
        cursor.execute(
            """
            INSERT INTO benchmarks_sketchedvote (poll_id, option_id, address, voted_at)
            SELECT %s, (%s::bigint[])[1 + number %% %s], '10.0.0.0'::inet + number, clock_timestamp()
            FROM generate_series(1, %s) number
            """,
            [poll.pk, [option.pk for option in options], OPTIONS, VOTES_BEFORE],
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) benchmarks_sketchedvote")
    return poll


@contextmanager
def gunicorn(load: Load) -> Iterator[tuple[int, int]]:
    """Yield the port and the process id of a server for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        command = [sys.executable, "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()", "--log-level=error"]
        size = [f"--workers={load.workers}", "--worker-class=gthread", f"--threads={load.threads}"]
        where = [f"--bind=fd://{listener.fileno()}", "--keep-alive=60"]
        root = Path(__file__).resolve().parent.parent
        server = subprocess.Popen([*command, *size, *where], cwd=root, pass_fds=[listener.fileno()])
        try:
            yield listener.getsockname()[1], server.pid
        finally:
            server.terminate()
            server.wait()


def cpu_seconds(server: int) -> float:
    """Return the CPU time of a server's workers so far."""
    workers = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
    times = [Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for pid in workers]
    return sum(int(each[11]) + int(each[12]) for each in times) / os.sysconf("SC_CLK_TCK")


class Clients:
    """Starts the client processes of each measurement, and gives every request an address that no other had."""

    def __init__(self, port: int, load: Load) -> None:
        self.port = port
        self.load = load
        self.started = 0

    def start(self, candidate: Candidate, seconds: float) -> list["subprocess.Popen[str]"]:
        """Return the clients, each of which waits for a line to begin."""
        return [self._client(candidate, seconds) for _number in range(self.load.clients)]

    def _client(self, candidate: Candidate, seconds: float) -> "subprocess.Popen[str]":
        first = FIRST_ADDRESS + self.started * ADDRESSES_OF_CLIENT
        self.started += 1
        script = str(Path(__file__).with_name("client.py"))
        arguments = [str(self.port), candidate.path, candidate.body, str(first), str(seconds)]
        client = subprocess.Popen(
            [sys.executable, script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if client.stdout is None or client.stdout.readline() != "ready\n":
            raise SystemExit("A client did not start.")
        return client


def answered(clients: list["subprocess.Popen[str]"]) -> int:
    """Let the clients begin; return how many requests they had answered when they ended."""
    for client in clients:
        if client.stdin is not None:
            client.stdin.write("\n")
            client.stdin.flush()
    outputs = [client.communicate()[0] for client in clients]
    if any(client.returncode for client in clients):
        raise SystemExit("A request was refused.")
    return sum(map(int, outputs))


def measure(load: Load, chosen: dict[str, Candidate], rounds: int) -> dict[str, Measured]:
    """Return what each candidate cost, after a warm-up of each."""
    cpu: dict[str, list[float]] = defaultdict(list)
    rate: dict[str, list[float]] = defaultdict(list)
    with gunicorn(load) as (port, server):
        clients = Clients(port, load)
        for candidate in chosen.values():
            answered(clients.start(candidate, 1))
        for name in interleaved(list(chosen), rounds):
            ready = clients.start(chosen[name], load.seconds)
            before, start = cpu_seconds(server), time.perf_counter()
            requests = answered(ready)
            rate[name].append(requests / (time.perf_counter() - start))
            cpu[name].append(1_000 * (cpu_seconds(server) - before) / requests)
    return {name: Measured(Spread.of(cpu[name]), Spread.of(rate[name])) for name in chosen}


def show(chosen: dict[str, Candidate], told: dict[str, Measured]) -> None:
    """Print the tables."""
    plain, package, sketch = told["plain"], told["package"], told["sketch"]
    rows = [(chosen[name].about, f"{each.cpu:.2f}", f"{each.rate:,.0f}") for name, each in told.items()]
    print(table(("candidate", "web CPU a request (ms)", "requests/s"), rows), end="\n\n")
    cpu, rate = package.cpu.over(plain.cpu), package.rate.over(sketch.rate)
    goals = [
        ("web CPU, to the plain view's", f"{cpu:.2f}", f"at most {CPU_GOAL}", verdict(met=cpu.median <= CPU_GOAL)),
        ("votes/s, to the sketch's", f"{rate:.2f}", f"at least {RATE_GOAL}", verdict(met=rate.median >= RATE_GOAL)),
    ]
    print(table(("this package's endpoint", "ratio", "goal", ""), goals), flush=True)


def check_counts() -> None:
    """Stop unless every vote that is stored is counted."""
    if differing_ballots():
        raise SystemExit("A count differs from the recount.")
    print(f"\nStored and counted: {Vote.objects.count():,} votes; sketched: {SketchedVote.objects.count():,}.")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("seconds", 4), ("rounds", ROUNDS), ("workers", 2), ("threads", 4), ("clients", 8)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    if find_spec("gunicorn") is None:
        raise SystemExit("gunicorn is needed: python -m pip install gunicorn")
    load = Load(options.seconds, options.workers, options.threads, options.clients)
    poll, sketch = single_choice(OPTIONS), sketched_poll()
    load_votes(poll, VOTES_BEFORE)
    print(f"{machine()}; gunicorn, {load.workers} workers of {load.threads} threads, {load.clients} clients,")
    print(f"{options.rounds} rounds of {load.seconds} s, {VOTES_BEFORE:,} votes there before; persistent connections,")
    print(f"DRF's session and basic authentication, rates in force: {dict(conf.throttle_rates)}\n", flush=True)
    chosen = candidates(poll, sketch)
    show(chosen, measure(load, chosen, options.rounds))
    check_counts()


if __name__ == "__main__":
    main()
