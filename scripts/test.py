"""Run the whole test suite in a fresh environment, on SQLite and on PostgreSQL, and say what was run on what.

Where COVERAGE_FILE is set, the run on SQLite is measured into it.
"""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.environment import ROOT, CannotPrepareError, prepare

KINDS = ("sqlite", "postgres")
GROUPS = ("test", "example", "redis", "postgres")
ONCE = "not pure and not any_database"
SUMMARY = re.compile(r"^=* ?(\d+ \w+.* in [\d.]+s[^=]*?) ?=*$")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the suite: its exit status, the database it named, and pytest's own last line."""

    status: int
    database: str
    summary: str


def main(arguments: Sequence[str]) -> int:
    """Run the suite on each database, with these arguments for pytest; return 1 if any run failed."""
    try:
        python = prepare(ROOT / ".venv", groups=GROUPS)
    except CannotPrepareError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    first, *others = KINDS
    measured = ["-m", "coverage", "run"] if "COVERAGE_FILE" in os.environ else []
    runs = [
        run([str(python), *measured], first, arguments),
        *(run([str(python)], kind, ["-m", ONCE, *arguments]) for kind in others),
    ]
    print("\nThe test suite was run on")
    for done in runs:
        print(f"- {done.database}: {done.summary}")
    return int(any(done.status for done in runs))


def run(python: Sequence[str], kind: str, arguments: Sequence[str]) -> Run:
    """Run the suite on this kind of database by this Python, passing its output on while reading it."""
    workers = str(min(os.cpu_count() or 1, 4))
    pytest = [*python, "-m", "pytest", "-n", workers, *arguments]
    command = [python[0], "-m", "scripts.database", kind, *pytest]
    database, summary = kind, "did not run"
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            database = line.strip().removeprefix("Database: ") if line.startswith("Database: ") else database
            summary = found[1] if (found := SUMMARY.match(line.strip())) else summary
    return Run(process.returncode, database, summary)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
