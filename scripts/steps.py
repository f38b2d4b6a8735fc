"""Run one step of the checks: its output into a log, its tests counted from pytest's own summary lines."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.environment import ROOT

REPORTS = ROOT / "reports"
TIME_LIMIT_SECONDS = 30 * 60
SUMMARY = re.compile(r"^=* ?((?:\d+ \w+,? ?)+) in [\d.]+s")
COUNT = re.compile(r"(\d+) (passed|failed|errors?)\b")
SKIPPED = re.compile(r"^\S+: skipped because (.*)$", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[\d;]*m")


@dataclass(frozen=True, slots=True)
class Step:
    """A command to run, and whether its tests are counted or it counts as one."""

    name: str
    command: Sequence[str]
    counts_tests: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step. `not_run` is the reason, where it was skipped."""

    name: str
    seconds: float
    passed: int
    failed: int
    not_run: str = ""

    def __str__(self) -> str:
        told = f"not run: {self.not_run}" if self.not_run else f"{self.passed} passed, {self.failed} failed"
        return f"{self.name:<26} {self.seconds:6.1f} s  {told}"


def run(step: Step, environment: Mapping[str, str]) -> Outcome:
    """Run a step from the root of the project, print its outcome, and the end of its log if it failed."""
    started = time.monotonic()
    status = _status(step, environment)
    text = COLOUR.sub("", log_of(step.name).read_text(encoding="utf-8", errors="replace"))
    passed, failed = tests_in(text) if step.counts_tests else (int(not status), 0)
    skipped = "" if passed or failed else "; ".join(SKIPPED.findall(text))
    if status and not failed and not skipped:
        failed = 1
    outcome = Outcome(step.name, time.monotonic() - started, passed, failed, skipped)
    end = "\n".join(["", *text.splitlines()[-40:]]) if outcome.failed else ""
    print(f"{outcome}{end}", flush=True)
    return outcome


def tests_in(text: str) -> tuple[int, int]:
    """Return how many tests passed and failed, over all of pytest's summary lines; an error is a failure."""
    summaries = [found[1] for line in text.splitlines() if (found := SUMMARY.match(line.strip()))]
    counts = [(int(number), word) for summary in summaries for number, word in COUNT.findall(summary)]
    passed = sum(number for number, word in counts if word == "passed")
    return passed, sum(number for number, _ in counts) - passed


def log_of(name: str) -> Path:
    """Return the file that holds the output of a step."""
    return REPORTS / f"{name.replace(' ', '-')}.log"


def _status(step: Step, environment: Mapping[str, str]) -> int:
    with (
        log_of(step.name).open("w", encoding="utf-8") as log,
        subprocess.Popen(
            step.command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            return process.wait(TIME_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            log.write(f"\nStopped after {TIME_LIMIT_SECONDS} seconds.\n")
            return 1
        finally:
            with suppress(ProcessLookupError):  # nothing that a step started outlives it
                os.killpg(process.pid, signal.SIGKILL)
