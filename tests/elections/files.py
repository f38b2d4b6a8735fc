"""Tiny elections, written where a test wants them."""

import json
from pathlib import Path
from typing import Any

RANKED = {
    "title": "Best fruit",
    "ballot_type": "ranked",
    "candidates": ["Apple", "Pear", "Fig"],
    "n_ballots": 9,
    "ballots": [
        [3, [["Apple"], ["Pear"]]],
        [2, [["Pear"]]],
        [2, [["Apple", "Fig"], ["Pear"]]],
        [1, [["Apple"], ["Fig", "Pear"]]],
        [1, []],
    ],
}
APPROVAL = {
    "title": "Any fruit",
    "ballot_type": "approval",
    "candidates": ["Apple", "Pear", "Fig"],
    "n_ballots": 7,
    "ballots": [[3, ["Apple", "Fig"]], [2, []], [1, ["Fig", "Apple"]], [1, ["Pear"]]],
}
SCORES: dict[str, Any] = {
    "title": "Sweet fruit",
    "ballot_type": "score",
    "candidates": ["Apple", "Pear", "Fig"],
    "max_score": 3,
    "n_ballots": 6,
    "ballots": [
        [2, {"Apple": 3, "Pear": 0, "Fig": 1}],
        [1, {"Fig": 3}],
        [2, {}],
        [1, {"Fig": 2, "Pear": 2, "Apple": 2}],
    ],
}


def write_json(folder: Path, members: object, name: str = "fruit.json") -> Path:
    """Write these members as an election file."""
    path = folder / name
    path.write_text(json.dumps(members), "utf-8")
    return path


def write_csv(folder: Path, text: str, name: str = "fruit.csv") -> Path:
    """Write this text as an election file."""
    path = folder / name
    path.write_bytes(text.encode())
    return path


def many_ballots(count: int) -> dict[str, object]:
    """Return the members of an election with this many ballots, a third of them for the second option."""
    second = count // 3
    return {
        "title": "Many",
        "ballot_type": "ranked",
        "candidates": ["First", "Second"],
        "n_ballots": count,
        "ballots": [[count - second, [["First"]]], [second, [["Second"], ["First"]]]],
    }
