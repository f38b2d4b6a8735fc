"""How gunicorn serves: each worker leaves a file named by its process id, and stores what a planted bug held back."""

import os
import sys
from pathlib import Path

preload_app = True
keepalive = 60
graceful_timeout = 2
loglevel = "critical"

folder = Path(os.environ["WORKERS_FOLDER"])


def post_fork(_server: object, worker: object) -> None:
    (folder / str(os.getpid())).touch()


def worker_exit(_server: object, worker: object) -> None:
    (folder / str(os.getpid())).unlink(missing_ok=True)
    if (planted := sys.modules.get("tests.races.planted_in_server")) is not None:
        planted.store()
