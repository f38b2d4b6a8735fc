"""The real elections of the folder that `ELECTIONS_DIR` names."""

import json
import os
from pathlib import Path
from typing import Any

import pytest


def members_of(name: str) -> dict[str, Any]:
    """Return the members of a real election's file, or skip the test."""
    folder = os.environ.get("ELECTIONS_DIR")
    if not folder:
        pytest.skip("this test reads real elections; set ELECTIONS_DIR to their folder")
    members: dict[str, Any] = json.loads(Path(folder, f"{name}.json").read_text("utf-8"))
    return members
