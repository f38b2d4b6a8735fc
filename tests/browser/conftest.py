"""A browser, the example site that it visits, and a sentence in place of these tests where either cannot be had."""

import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from scripts.browser import ARGUMENTS, chromium, why_no_browser, why_no_driver

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.visitors import Visit

SETTINGS = "tests.browser.settings"
VIEWPORT = {"width": 1000, "height": 800}


class NotRun(pytest.Module):
    """A module that needs a browser, where there is none."""

    def collect(self) -> Any:  # noqa: ANN401  as pytest has it
        """Skip the module before anything in it is imported."""
        pytest.skip(f"these tests drive a browser, and {why_not()}")


def why_not() -> str:
    """Return why these tests cannot run in this process; nothing if they can."""
    if os.environ.get("DJANGO_SETTINGS_MODULE") != SETTINGS:
        return "have a run of their own: tox run -e browser"
    return why_no_driver() or why_no_browser()


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Leave the modules unread where they cannot run."""
    return NotRun.from_parent(parent, path=module_path) if why_not() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here, so that a run can leave it out by name."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def site(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Serve the example site with its demo polls to all tests. Each makes the polls that it changes; none tidies."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
        call_command("polls_demo", votes=90, password="demo", stdout=StringIO())
        server = LiveServer("127.0.0.1")
        yield server.url
        server.stop()
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  not there where these tests are not run

    with sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, which Django takes for asynchronous code around its queries.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS])
        yield browser
        browser.close()


@pytest.fixture
def visit(site: str, browser: "Browser") -> Iterator["Visit"]:
    """Return what makes visitors; the test fails if the browser of one has complained of anything."""
    from tests.browser.visitors import Visitor, visitor  # noqa: PLC0415  imports Playwright

    visitors: list[Visitor] = []

    def new(**options: Any) -> Visitor:
        visitors.append(visitor(browser, site, **{"viewport": VIEWPORT, **options}))
        return visitors[-1]

    yield new
    for someone in visitors:
        someone.context.close()
    assert [problem for someone in visitors for problem in someone.problems] == []
