"""Build what would be published and check it: its contents, its metadata, and the example project running on it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from scripts.environment import ROOT, prepare

PAGES = ("/api/polls/", "/api/schema/", "/api/docs/")
PATIENCE_SECONDS = 30


def main() -> int:
    """Run each check in turn. Raises CalledProcessError or SystemExit at the first that fails."""
    with tempfile.TemporaryDirectory(prefix="django_polls_") as name:
        folder = Path(name)
        wheel = built(folder / "dist")
        check_contents(wheel)
        check_example(wheel, folder)
    return 0


def built(folder: Path) -> Path:
    """Build the source distribution, and the wheel from it, which shows that it is whole; return the wheel."""
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)])
    run([sys.executable, "-m", "twine", "check", "--strict", *(str(path) for path in sorted(folder.iterdir()))])
    wheel = next(folder.glob("*.whl"))
    run(["check-wheel-contents", str(wheel)])
    return wheel


def check_contents(wheel: Path) -> None:
    """Compare the files of the package in the wheel with those that are versioned. Raises SystemExit."""
    listed = subprocess.run(["git", "ls-files", "src"], cwd=ROOT, check=True, capture_output=True, text=True)
    versioned = {name.removeprefix("src/") for name in listed.stdout.splitlines()}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name and not name.endswith("/")}
    if packed != versioned:
        raise SystemExit(f"missing from the wheel: {versioned - packed}; only in the wheel: {packed - versioned}")
    print(f"{wheel.name} holds the {len(packed)} versioned files.")


def check_example(wheel: Path, folder: Path) -> None:
    """Install the wheel into a clean environment, start the example project on it and fetch a few pages."""
    python = prepare(folder / "venv", groups=["example"], install=[str(wheel)])
    # Away from the checkout, so that only the wheel can be imported.
    example = shutil.copytree(ROOT / "example_project", folder / "example_project")
    environment = {"DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}"}
    manage = [str(python), "manage.py"]
    run([*manage, "migrate", "--verbosity=0"], folder=example, environment=environment)
    with serving(manage, example, environment) as address:
        for page in PAGES:
            with urlopen(f"{address}{page}", timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - the server started above
                print(f"{page}: {answer.status}, {len(answer.read())} bytes")


@contextmanager
def serving(manage: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Serve the example project on a free port for as long as the block lasts; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [*manage, "runserver", "--noreload", address]
    with subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}) as server:
        try:
            wait_for(f"http://{address}/api/schema/")
            yield f"http://{address}"
        finally:
            server.terminate()


def wait_for(url: str) -> None:
    """Return once the server answers. Raises SystemExit where it does not in time."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < patience:
        try:
            urlopen(url, timeout=PATIENCE_SECONDS).close()  # noqa: S310 - the server started by this script
        except URLError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"The example project did not answer at {url} within {PATIENCE_SECONDS} seconds.")


def run(command: Sequence[str], *, folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> None:
    """Run a command. Raises CalledProcessError where it fails."""
    subprocess.run(command, cwd=folder, env={**os.environ, **(environment or {})}, check=True)


if __name__ == "__main__":
    sys.exit(main())
