"""A real server: gunicorn with several processes of several threads, on the test's own database."""

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from django.db import connection

from tests import databases
from tests.races.crew import PATIENCE
from tests.races.locks import wait_for

WORKERS = 3
THREADS = 4
APPLICATION = "django_polls_races"
CONFIGURATION = Path(__file__).with_name("gunicorn_conf.py")


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server listens, and the folder in which each of its workers has a file named by its process id."""

    port: int
    folder: Path

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        return [int(path.name) for path in self.folder.iterdir()]

    def kill_a_worker(self) -> None:
        """End one of the workers at once, with whatever it is doing."""
        if workers := self.workers():
            pid = random.choice(workers)
            (self.folder / str(pid)).unlink()
            os.kill(pid, signal.SIGKILL)

    def answers(self) -> bool:
        """Say whether a request is answered."""
        probe = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            probe.request("GET", "/api/polls/")
            return probe.getresponse().status == 200
        except OSError:
            return False
        finally:
            probe.close()


def _named(url: str) -> str:
    """Return the URL with a name by which PostgreSQL tells the server's sessions from the test's."""
    return f"{url}&application_name={APPLICATION}" if connection.vendor == "postgresql" else url


@contextmanager
def serving(folder: Path, *, bug: str = "") -> Iterator[Server]:
    """Serve the host for as long as the block lasts, with a planted bug if one is named."""
    environment = {
        **os.environ,
        "DATABASE_URL": _named(databases.url_of(connection)),
        "DJANGO_SETTINGS_MODULE": "tests.races.host",
        "PLANTED": bug,
        "WORKERS_FOLDER": str(folder),
    }
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        command = [sys.executable, "-m", "gunicorn", "tests.races.wsgi:application", "--config", str(CONFIGURATION)]
        command += ["--bind", f"fd://{listener.fileno()}", f"--workers={WORKERS}", f"--threads={THREADS}"]
        process = subprocess.Popen(command, env=environment, pass_fds=[listener.fileno()])
        server = Server(listener.getsockname()[1], folder)
        try:
            wait_for(lambda: process.poll() is not None or len(server.workers()) == WORKERS)
            assert server.answers()
            yield server
        finally:
            process.terminate()
            process.wait(PATIENCE)
