"""The schema: the golden file is what is served, and what is served says what is true."""

from typing import Any

import pytest
import yaml

from scripts.schema import GOLDEN, generated

Schema = dict[str, Any]


@pytest.fixture(scope="module")
def schema() -> Schema:
    loaded: Schema = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
    return loaded


def operations(schema: Schema) -> list[Schema]:
    """Return the operations of this package; the host's own schema view is none of them."""
    paths = [methods for path, methods in schema["paths"].items() if path.startswith("/api/polls/")]
    return [operation for methods in paths for operation in methods.values()]


def test_schema_is_the_golden_file() -> None:
    assert generated() == GOLDEN.read_text(encoding="utf-8"), "python -m scripts.schema --write renews it"
