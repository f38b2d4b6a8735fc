"""Check the style of every template with djade, which takes files and not folders."""

import subprocess
import sys

from scripts.environment import ROOT

FOLDERS = ("src", "example_project", "tests")


def main() -> int:
    """Return djade's exit status."""
    templates = [str(path) for folder in FOLDERS for path in sorted((ROOT / folder).rglob("templates/**/*.html"))]
    if not templates:
        print("There are no templates.")
        return 0
    return subprocess.run(["djade", "--check", "--target-version", "5.2", *templates], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
