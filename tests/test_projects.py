"""Each host project under `tests/projects/`, in a process of its own, on the database that `DATABASE_URL` names."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.projects.pgbouncer.pooler import PGBOUNCER, running

TESTS = Path(__file__).parent
PROJECTS = TESTS / "projects"
TIME_LIMIT_SECONDS = 120
GUIDES = TESTS.parent / "docs" / "how-to"
BLOCK = re.compile(r"```(?:python|html|css)\n(.*?)```", re.DOTALL)
SOURCES = ("*.py", "templates/**/*.html", "static/**/*.css")


def database_url(host: str) -> str:
    """Return the URL of a database that this host alone uses, on the server that the tests use."""
    url = os.environ.get("DATABASE_URL") or "sqlite:///:memory:"
    parts = urlsplit(url)
    return url if parts.scheme == "sqlite" else parts._replace(path=f"{parts.path}_{host}").geturl()


def run(host: str, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the common suites, and the host's own where it has one, under this host's settings."""
    suites = [*PROJECTS.glob("suite*.py"), *PROJECTS.glob(f"{host}/suite.py")]
    settings = f"--ds=tests.projects.{host}.settings"
    # The other plugins, and what the other tests share, would take longer to load than these tests take to run.
    plugins = ["--noconftest", "-p", "pytest_django.plugin", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", settings, *plugins, *arguments, *map(str, suites)],
        cwd=TESTS.parent,
        env={**os.environ, "DATABASE_URL": url, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIME_LIMIT_SECONDS,
        check=False,
    )


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("plain", marks=pytest.mark.smoke),
        pytest.param("articles", marks=pytest.mark.any_database),
        "atomic_requests",
        "auto_field",
        pytest.param("hostile_rest", marks=[pytest.mark.smoke, pytest.mark.any_database]),
        "local_time",
        pytest.param("login_required", marks=pytest.mark.any_database),
        pytest.param("overrides", marks=pytest.mark.any_database),
        pytest.param("script_prefix", marks=pytest.mark.any_database),
        "two_databases",
        "unmigrated",
        "uuid_user",
        "zoned_database",
    ],
)
def test_host(host: str) -> None:
    done = run(host, database_url(host))

    assert done.returncode == 0, done.stdout


@pytest.mark.postgres
@pytest.mark.skipif(not find_spec("psycopg2"), reason="psycopg2 is not installed")
def test_host_with_psycopg2() -> None:
    done = run("psycopg2_driver", database_url("psycopg2_driver"))

    assert done.returncode == 0, done.stdout


@pytest.mark.postgres
@pytest.mark.skipif(not PGBOUNCER, reason="PgBouncer is not installed")
def test_host_behind_pgbouncer(tmp_path: Path) -> None:
    with running(tmp_path, upstream=database_url("pgbouncer")) as url:
        done = run("pgbouncer", url, "--reuse-db", "--create-db")

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("page", "blocks_of_code"),
    [("override-policy.md", 2), ("add-a-method.md", 2), ("override-a-serializer.md", 2), ("restyle-the-pages.md", 8)],
)
def test_guide_shows_the_code_of_a_host_that_is_tested(page: str, blocks_of_code: int) -> None:
    paths = [path for pattern in SOURCES for path in (PROJECTS / "overrides").glob(pattern)]
    sources = [path.read_text(encoding="utf-8") for path in paths]
    tested = "\n".join(sources).replace("tests.projects.overrides", "club")
    blocks = BLOCK.findall((GUIDES / page).read_text(encoding="utf-8"))

    assert [block for block in blocks if block not in tested] == []
    assert len(blocks) == blocks_of_code
