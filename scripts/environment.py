"""Make a virtual environment of the project's own and install into it what a command needs, with pip alone."""

import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MINIMUM = (3, 11)
UNREACHABLE = ("NewConnectionError", "ConnectTimeout", "Temporary failure", "Name or service not known", "ProxyError")


class CannotPrepareError(Exception):
    """The environment cannot be made; the message is one sentence for the person who asked for it."""


def prepare(folder: Path, *, groups: Sequence[str], install: Sequence[str] = ("--editable", ".")) -> Path:
    """Return the Python of `folder`, with these dependency groups and the project itself, or `install`, installed.

    An environment made from the same `pyproject.toml` is used again. Raises CannotPrepareError.
    """
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "installed"
    wanted = _fingerprint([*groups, *install])
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"Installing into {folder.name} (a minute or so, once) ...", flush=True)
    _create(folder)
    # Older ones do not know dependency groups.
    _pip(python, ["--upgrade", "pip>=25.1"])
    _pip(python, [*(f"--group={group}" for group in groups), *install])
    stamp.write_text(wanted)
    return python


def _fingerprint(arguments: Sequence[str]) -> str:
    parts = [(ROOT / "pyproject.toml").read_text(encoding="utf-8"), *arguments, sys.version, str(ROOT)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _create(folder: Path) -> None:
    if sys.version_info < MINIMUM:
        raise CannotPrepareError(f"Python 3.11 or newer is needed, and this is {sys.version.split()[0]}.")
    try:
        venv.create(folder, clear=True, with_pip=True)
    except (subprocess.CalledProcessError, ImportError) as error:
        raise CannotPrepareError(
            "This Python cannot make virtual environments; on Debian and Ubuntu, install python3-venv."
        ) from error
    except OSError as error:
        raise CannotPrepareError(f"No virtual environment could be made in {folder}: {error}.") from error


def _pip(python: Path, arguments: Sequence[str]) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    if any(sign in done.stderr for sign in UNREACHABLE):
        raise CannotPrepareError(
            "The package index could not be reached: go online, or set PIP_INDEX_URL to a mirror, and try again."
        )
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["ERROR: pip failed"]
    raise CannotPrepareError(f"The dependencies could not be installed: {errors[-1].removeprefix('ERROR: ')}")
