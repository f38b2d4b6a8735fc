"""Find the browser that is driven to test and to photograph the pages: the distribution's Chromium, by Playwright."""

import shutil
from importlib.util import find_spec

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Containers have no sandbox for it; it is shown nothing but our own pages.
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")


def chromium() -> str | None:
    """Return the path of a Chromium, None where none is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def why_no_browser() -> str:
    """Return a sentence's end that says why no browser can be driven here; nothing if one can."""
    if chromium() is None:
        return "no Chromium is installed here (on Debian: apt-get install chromium)"
    return ""


def why_no_driver() -> str:
    """Return a sentence's end that says what of the dependency group `browser` is not installed; nothing if all is."""
    absent = [name for name in ("playwright", "axe_playwright_python") if find_spec(name) is None]
    return f"not installed: {', '.join(absent)} (pip install --group browser)" if absent else ""
