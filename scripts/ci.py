"""Run everything that the project checks on one machine, and say at the end what ran and what did not.

The README's test command, on the newest Python and Django here; the suite on the built wheel on two corners of the
matrix, the oldest Python and Django and MariaDB; the smoke tests on its other pairs; style, types, schema, bounds and
distribution; the coverage of all of it together, where each kind of database is measured once. The output of each step
is in `reports/`.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.database import MARIADB, POSTGRES, listens
from scripts.environment import ROOT, CannotPrepareError, prepare
from scripts.steps import REPORTS, Outcome, Step, run
from scripts.test import ONCE

# `make test` has had the races on PostgreSQL, and on the newest Python what no database makes a difference to.
CORNERS = {"py311-django52-postgres": "not races", "py312-django60-mariadb": ONCE}
# What speaks to the libraries that have lower bounds. Races and rules ask nothing of theirs.
BOUNDED = (
    *("tests/admin", "tests/api", "tests/models"),
    *("tests/test_migrations.py", "tests/test_package.py", "tests/test_projects.py", "tests/test_voting.py"),
)
SINGLE = ("dist", "types", "lint", "schema", "translations")
DATA = ROOT / ".tox"  # where the environment `coverage` looks for what was measured
PAIR = re.compile(r"^py\d+-django\d+-\w+$")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SERVICES = (("postgresql", POSTGRES.port), ("mariadb", MARIADB.port), ("redis-server", 6379))


def main() -> int:
    """Run all steps; return 1 if anything failed."""
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir()
    forget_measures()
    start_services()
    environment = surroundings()
    try:
        tox = [str(prepare(ROOT / ".venv-ci", groups=["tox"], install=[])), "-m", "tox"]
    except CannotPrepareError as error:
        print(f"{error}\n0 passed, 1 failed")
        return 1
    outcomes = list(all_outcomes(tox, environment))
    print("\nWhat ran, and what did not:")
    print(*outcomes, sep="\n")
    failed = sum(outcome.failed for outcome in outcomes)
    print(f"{sum(outcome.passed for outcome in outcomes)} passed, {failed} failed")
    return int(failed > 0)


def all_outcomes(tox: Sequence[str], environment: Mapping[str, str]) -> Iterator[Outcome]:
    """Run the long steps one after the other, each on all cores, and the short ones three at a time."""
    # The elections are the corners' part: what the README promises of `make test` is its five minutes.
    without_elections = {name: value for name, value in environment.items() if name != "ELECTIONS_DIR"}
    measured = {"COVERAGE_FILE": str(DATA / ".coverage.make-test")}
    # By the newest Python here, and so the newest Django: the corners have the oldest of both, and one between.
    command = ["make", "test", f"PYTHON={newest_python(environment)}"]
    yield run(Step("make test", command, counts_tests=True), {**without_elections, **measured})
    wheel = build_wheel(tox[0])
    on_wheel = [*tox, "run", *(["--installpkg", str(wheel)] if wheel else []), "-e"]
    in_two = ["--", "-n", "2"]
    for corner, chosen in CORNERS.items():
        yield run(Step(corner, [*on_wheel, corner, *in_two, "-m", chosen], counts_tests=True), environment)
    yield run(Step("browser", [*on_wheel, "browser", *in_two], counts_tests=True), environment)
    yield run(Step("lowest", [*on_wheel, "lowest", *in_two, *BOUNDED], counts_tests=True), environment)
    with ThreadPoolExecutor(3) as pool:
        yield from pool.map(lambda step: run(step, {**environment, "MEASURE": ""}), short_steps(tox, on_wheel))
    yield run(Step("coverage", [*on_wheel, "coverage"]), environment)


def short_steps(tox: Sequence[str], on_wheel: Sequence[str]) -> Iterator[Step]:
    """Yield the steps of one process each, the longest first."""
    smoke = ["--", "-m", "smoke", *smoke_files()]
    yield Step("oracles", [*on_wheel, "oracles"], counts_tests=True)
    for name in SINGLE:
        yield Step(name, [*on_wheel, name])
    for name in ("bare", *matrix(tox)):
        if name not in CORNERS:
            yield Step(name, [*on_wheel, name, *smoke], counts_tests=True)


def smoke_files() -> list[str]:
    """Return the files with smoke tests: to collect all the others takes longer than to run these."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(file.relative_to(ROOT)) for file in files if "pytest.mark.smoke" in file.read_text(encoding="utf-8")]


def forget_measures() -> None:
    """Remove what was measured before, also by environments that are not measured any more."""
    DATA.mkdir(exist_ok=True)
    for file in DATA.glob(".coverage*"):
        file.unlink()


def matrix(tox: Sequence[str]) -> list[str]:
    """Return the names of the pairs of Python and Django with each database."""
    listed = subprocess.run([*tox, "list", "--no-desc", "-q"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split() if PAIR.match(name)]


def build_wheel(python: str) -> Path | None:
    """Build the wheel that all environments test; where it fails, they try for themselves and show why."""
    folder = REPORTS / "wheel"
    command = [python, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", str(folder)]
    subprocess.run(command, cwd=ROOT, check=False)
    return next(folder.glob("*.whl"), None)


def surroundings() -> dict[str, str]:
    """Return the variables that every step gets."""
    found = {"CI": "true", "UV_PYTHON_DOWNLOADS": "never"}
    elections = ROOT.parent / "shared/data/elections"
    if "ELECTIONS_DIR" not in os.environ and elections.is_dir():  # a folder of elections beside the checkout
        found["ELECTIONS_DIR"] = str(elections)
    if versions := pyenv_versions():
        found["PYENV_VERSION"] = ":".join(versions)
    return found


def pyenv_versions() -> list[str]:
    """Return the newest version that pyenv has of each Python, the running one first: all of them are to answer."""
    if not shutil.which("pyenv"):
        return []
    listed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True, check=False).stdout.split()
    plain = [name for name in listed if re.fullmatch(r"\d+\.\d+\.\d+", name)]
    newest = {name.rpartition(".")[0]: name for name in sorted(plain, key=lambda name: int(name.rpartition(".")[2]))}
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    return [newest[python] for python in sorted(PYTHONS, key=lambda python: python != running) if python in newest]


def newest_python(environment: Mapping[str, str]) -> str:
    """Return the name of the newest Python that answers to its name."""
    for python in reversed(PYTHONS):
        name = f"python{python}"
        asked = [name, "-c", ""]
        answers = shutil.which(name) and subprocess.run(
            asked, env={**os.environ, **environment}, capture_output=True, check=False
        )
        if answers and not answers.returncode:
            return name
    return "python3"


def start_services() -> None:
    """Start the database servers that are installed here and do not answer; what stays silent is listed as not run."""
    silent = [(name, port) for name, port in SERVICES if not listens(port) and Path("/etc/init.d", name).exists()]
    for name, _ in silent:
        subprocess.run(["service", name, "start"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    patience = time.monotonic() + 30
    while not all(listens(port) for _, port in silent) and time.monotonic() < patience:
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
