"""Photograph the pages of the example site, with its demo polls, for the README and the documentation."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from scripts.browser import ARGUMENTS, chromium, why_no_browser, why_no_driver
from scripts.environment import ROOT, CannotPrepareError, prepare

IMAGES = ROOT / "docs/images"
MANAGE = ROOT / "example_project/manage.py"
WIDTH, MOST_HEIGHT = 640, 760
LARGEST_BYTES = 64_000
PATIENCE_SECONDS = 30
# Edges of text in grey, not in colours: a third fewer bytes.
GREY_TEXT = "--disable-lcd-text"
MANAGER, ADMINISTRATOR = "demo_maya", "demo_admin"

# The demo casts all its votes at once: here they come over some days, so that the analytics have something to show.
SPREAD = """
from datetime import timedelta
from random import Random
from django.utils import timezone
from django_polls.models import Poll, Vote
luck, now = Random(4), timezone.now()
for vote in Vote.objects.filter(poll__title__startswith="Who sits on"):
    vote.cast_at = now - timedelta(hours=luck.triangular(1, 90, 60))
    vote.save(update_fields=["cast_at"])
Poll.objects.update(created_at=now - timedelta(days=4), opened_at=now - timedelta(days=4))
"""

# What is photographed: the page, of a poll by how its title begins, and the element that the picture ends with.
SHOTS = {
    "list": ("/polls/", ".polls-item:nth-child(3)"),
    "ballot-single": ("/polls/{Where do we have lunch}/", ".polls-voting"),
    "ballot-approval": ("/polls/{What should the next meetup}/", ".polls-voting"),
    "ballot-ranked": ("/polls/{Where does the autumn trip}/", ".polls-voting"),
    "ballot-grades": ("/polls/{How good a name}/", ".polls-scale:nth-child(2)"),
    "ballot-dots": ("/polls/{How do we spend}/", ".polls-voting"),
    "ballot-proposal": ("/polls/{Proposal: the choir}/", ".polls-voting"),
    "results": ("/polls/{Who sits on}/results/", ".polls-results .polls-small"),
    "dashboard": ("/admin/django_polls/poll/{Who sits on}/analytics/", ":nth-match(.polls-plot, 2)"),
}
# What is pressed first, by its name.
PRESSED = {"ballot-ranked": ["Give The castle, by boat the next place", "Give The lighthouse the next place"]}


def main() -> int:
    """Take all pictures; return 1 after one sentence where something needed is not there."""
    if reason := why_no_browser():
        print(f"Nothing is photographed: {reason}.", file=sys.stderr)
        return 1
    if why_no_driver() or find_spec("allauth") is None:
        return elsewhere()
    with tempfile.TemporaryDirectory() as folder, site(Path(folder)) as address:
        photograph(address)
    large = [path.name for path in IMAGES.glob("*.png") if path.stem in SHOTS and path.stat().st_size > LARGEST_BYTES]
    print(f"{len(SHOTS)} pictures are in {IMAGES.relative_to(ROOT)}. Larger than they should be: {large or 'none'}")
    return int(bool(large))


def elsewhere() -> int:
    """Do it in an environment of its own, made at the first time."""
    try:
        python = prepare(ROOT / ".venv-screenshots", groups=["example", "browser"])
    except CannotPrepareError as error:
        print(error, file=sys.stderr)
        return 1
    return subprocess.run([str(python), "-m", "scripts.screenshots"], cwd=ROOT, check=False).returncode


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """Serve the example with its demo on a database in this folder, for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3", "DJANGO_DEBUG": "1"}
    for command in (["migrate", "--verbosity=0"], ["polls_demo"], ["shell", "--verbosity=0", "-c", SPREAD]):
        subprocess.run([sys.executable, str(MANAGE), *command], env=environment, check=True)
    serve = [sys.executable, str(MANAGE), "runserver", "--noreload", f"127.0.0.1:{port}"]
    with subprocess.Popen(serve, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    """Wait until something answers on the port. Raises TimeoutError."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < patience:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"the example site does not answer on port {port}")


def photograph(address: str) -> None:
    """Take each picture, as a manager who has not voted sees the pages."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - its environment may have to be made first

    with urlopen(f"{address}/api/polls/?page_size=100") as answer:  # noqa: S310 - the site that was just started
        ids = {poll["title"]: poll["id"] for poll in json.load(answer)["results"]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, GREY_TEXT])
        page = browser.new_page(viewport={"width": WIDTH, "height": MOST_HEIGHT}, color_scheme="light")
        log_in(page, address, MANAGER)
        for name, (path, end) in SHOTS.items():
            if path.startswith("/admin/"):
                log_in(page, address, ADMINISTRATOR)
            page.goto(address + filled(path, ids), wait_until="networkidle")
            for button in PRESSED.get(name, []):
                page.get_by_role("button", name=button).click()
            page.mouse.move(0, 0)
            box = page.locator(end).first.bounding_box()
            height = min(MOST_HEIGHT, int(box["y"] + box["height"]) + 20)
            page.screenshot(path=IMAGES / f"{name}.png", clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
        browser.close()


def log_in(page: Any, address: str, name: str) -> None:  # noqa: ANN401 - Playwright's
    page.context.clear_cookies()
    page.goto(f"{address}/login/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", "demo")
    page.click("main button[type=submit]")


def filled(path: str, ids: Mapping[str, str]) -> str:
    """Return a path with the id of the poll whose title begins so."""
    before, brace, rest = path.partition("{")
    title, _brace, after = rest.partition("}")
    return before + next(pk for name, pk in ids.items() if name.startswith(title)) + after if brace else path


if __name__ == "__main__":
    sys.exit(main())
