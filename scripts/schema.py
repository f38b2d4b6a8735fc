"""Compare the OpenAPI schema of the test host with the golden file, or write that file anew with `--write`."""

import argparse
import difflib
import os
import sys
import tempfile
from pathlib import Path

import django
from django.core.management import call_command

from scripts.environment import ROOT

GOLDEN = ROOT / "tests/api/openapi.yaml"


def main() -> int:
    """Print the difference and return 1 if there is one. Raises SystemExit for a warning or an invalid schema."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the golden file")
    arguments = parser.parse_args()
    current = generated()
    if arguments.write:
        GOLDEN.write_text(current, encoding="utf-8")
    golden = GOLDEN.read_text(encoding="utf-8")
    difference = difflib.unified_diff(golden.splitlines(), current.splitlines(), "golden", "current", lineterm="")
    print("\n".join(difference) or "The schema is the golden file.")
    return int(golden != current)


def generated() -> str:
    """Return the schema as YAML, validated; any warning is an error."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "openapi.yaml")
        call_command("spectacular", validate=True, fail_on_warn=True, file=str(file))
        return file.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
