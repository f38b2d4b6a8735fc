"""Install the example project, load the demo polls and serve them, from a fresh clone by one command."""

import argparse
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.environment import ROOT, CannotPrepareError, prepare

EXAMPLE = ROOT / "example_project"
PAGES = {
    "Start page": "/",
    "Swagger": "/api/docs/",
    "ReDoc": "/api/redoc/",
    "Schema": "/api/schema/",
    "Polls": "/api/polls/",
    "Admin": "/admin/",
}


class CannotServeError(Exception):
    """The site cannot be served; the message is one sentence for the person who asked for it."""


def main(arguments: Sequence[str]) -> int:
    """Serve until interrupted; return 1 after one sentence where something needed is not there."""
    parser = argparse.ArgumentParser(prog="python -m scripts.demo", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=_port, default=8000, help="the port to listen on (%(default)s)")
    wanted = parser.parse_args(arguments)
    try:
        check_free(wanted.host, wanted.port)
        # One for each Python: another one must not take away what a demo that runs stands on.
        python = prepare(ROOT / ".venv-demo-{}.{}".format(*sys.version_info), groups=["example"])
        load(python)
    except (CannotPrepareError, CannotServeError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on from here.", file=sys.stderr)
        return 130
    address = f"{wanted.host}:{wanted.port}"
    show(address)
    return serve(python, address)


def check_free(host: str, port: int) -> None:
    """Raise CannotServeError unless the port can be listened on; better before the installation than after it."""
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise CannotServeError(f"Nothing can listen on {host}:{port}: {error.strerror}.") from None
        raise CannotServeError(
            f"Port {port} of {host} is in use: stop what uses it, or choose another, as in: make demo PORT=8001"
        ) from None


def load(python: Path) -> None:
    """Migrate the database and load the demo polls. Raises CannotServeError; the command has said why."""
    for command in (["migrate", "--verbosity=0"], ["polls_demo"]):
        if subprocess.run([str(python), "manage.py", *command], cwd=EXAMPLE, check=False).returncode:
            raise CannotServeError(f"The database could not be prepared: manage.py {command[0]} failed.")


def show(address: str) -> None:
    print()
    for name, path in PAGES.items():
        print(f"{name + ':':<12}http://{address}{path}")
    print("\nStop it with Control-C.\n", flush=True)


def serve(python: Path, address: str) -> int:
    """Serve with this process, so that whatever ends it ends the server."""
    command = [str(python), "manage.py", "runserver", "--noreload", address]
    os.chdir(EXAMPLE)
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    return subprocess.run(command, check=False).returncode


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else 0
    if not 0 < port < 2**16:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return port


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
