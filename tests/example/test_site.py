"""The example project, in processes of its own."""

import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytest.importorskip("allauth", reason="the example's dependencies are not installed")
pytest.importorskip("drf_spectacular_sidecar", reason="the example's dependencies are not installed")

TESTS = Path(__file__).parent
ROOT = TESTS.parent.parent
EXAMPLE = ROOT / "example_project"
SITE = {"DJANGO_SETTINGS_MODULE": "example.settings", "PYTHONPATH": str(EXAMPLE)}
TIME_LIMIT_SECONDS = 120
PRODUCTION = {
    "ALLOWED_HOSTS": "polls.example",
    "DATABASE_URL": "postgres://polls@127.0.0.1/polls",
    "DJANGO_DEBUG": "0",
    "REDIS_URL": "redis://127.0.0.1/0",
    "SECRET_KEY": "a-key-of-a-test-that-is-long-enough-for-the-check-of-its-length-1234567890",
    "TRUSTED_PROXY_COUNT": "1",
}


def database_url() -> str:
    """Return the URL of a database that the example alone uses; SQLite where it does not know the server."""
    parts = urlsplit(os.environ.get("DATABASE_URL", ""))
    known = parts.scheme in {"postgres", "postgresql"}
    return parts._replace(path=f"{parts.path}_example").geturl() if known else "sqlite:///:memory:"


def run(*command: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command of Python's with the example project importable."""
    inherited = {name: value for name, value in os.environ.items() if name not in PRODUCTION}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**inherited, "DATABASE_URL": database_url(), **SITE, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIME_LIMIT_SECONDS,
        check=False,
    )


def test_example_site() -> None:
    suites = map(str, sorted(TESTS.glob("suite*.py")))
    plugins = ["-p", "pytest_django.plugin", "-p", "no:cacheprovider"]
    # The other plugins would take longer to load than the tests take to run.
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    done = run("-m", "pytest", "--ds=example.settings", *plugins, *suites, environment=environment)

    assert done.returncode == 0, done.stdout


def test_example_in_production_passes_the_deployment_checks() -> None:
    done = run("example_project/manage.py", "check", "--deploy", "--fail-level=WARNING", environment=PRODUCTION)

    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("System check identified no issues")


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_example_in_production_says_what_it_needs(missing: str) -> None:
    done = run("example_project/manage.py", "check", environment={**PRODUCTION, missing: ""})

    needed = f"Set {missing}: a production site, which DJANGO_DEBUG=0 makes, needs it."
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].endswith(needed)


def test_example_makes_a_secret_key_once(tmp_path: Path) -> None:
    code = "from pathlib import Path; from example.environment import secret_key; print(secret_key(Path({!r})))"
    file = tmp_path / "secret_key.txt"

    first, second = (run("-c", code.format(str(file)), environment={}).stdout.strip() for _ in range(2))

    assert len(first) == 50
    assert first == second == file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
