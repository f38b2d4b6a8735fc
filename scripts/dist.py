"""Build what would be published and check it: its contents, its metadata, and the example project running on it."""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from scripts.environment import ROOT


def main() -> int:
    """Run each check in turn. Raises CalledProcessError or SystemExit at the first that fails."""
    with tempfile.TemporaryDirectory(prefix="django_polls_") as name:
        folder = Path(name)
        # The wheel is built from the source distribution, so that shows whether it is whole.
        run([sys.executable, "-m", "build", "--outdir", name])
        files = [str(path) for path in sorted(folder.iterdir())]
        run([sys.executable, "-m", "twine", "check", "--strict", *files])
        wheel = next(folder.glob("*.whl"))
        run(["check-wheel-contents", str(wheel)])
        check_contents(wheel)
    return 0


def run(command: Sequence[str]) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


def check_contents(wheel: Path) -> None:
    """Compare the files of the package in the wheel with those that are versioned. Raises SystemExit."""
    listed = subprocess.run(["git", "ls-files", "src"], cwd=ROOT, check=True, capture_output=True, text=True)
    versioned = {name.removeprefix("src/") for name in listed.stdout.splitlines()}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name and not name.endswith("/")}
    if packed != versioned:
        raise SystemExit(f"missing from the wheel: {versioned - packed}; only in the wheel: {packed - versioned}")
    print(f"{wheel.name} holds the {len(packed)} versioned files.")


if __name__ == "__main__":
    sys.exit(main())
