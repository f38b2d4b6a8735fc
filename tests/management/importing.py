"""Imports for tests: running the command, and the real elections of the folder that `ELECTIONS_DIR` names."""

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command


def imported(*arguments: object) -> list[str]:
    """Run the command, and return the lines that it printed."""
    out = StringIO()
    call_command("polls_import", *map(str, arguments), stdout=out)
    return out.getvalue().splitlines()


def real(name: str) -> Path:
    """Return a file of the folder of real elections; skip where there is none."""
    folder = os.environ.get("ELECTIONS_DIR")
    if not folder:
        pytest.skip("this test reads real elections; set ELECTIONS_DIR to their folder")
    return Path(folder, f"{name}.json")


def large(name: str) -> Path:
    """Return the file of a real election whose import takes minutes; skip unless those are asked for."""
    path = real(name)
    if not os.environ.get("ELECTIONS_SLOW"):
        pytest.skip("this election takes minutes; set ELECTIONS_SLOW=1 to import it")
    return path


def members_of(path: Path) -> dict[str, Any]:
    """Return what a file holds: its ballots, published figures, and ones that others made independently."""
    members: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return members


def reference(path: Path) -> dict[str, Any]:
    """Return the figures of a file that others made independently."""
    figures: dict[str, Any] = members_of(path)["reference"]
    return figures
