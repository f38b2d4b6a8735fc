"""No page has what axe finds to be against WCAG 2.2 AA, in light or in dark, nor more than a screen's width of text."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.pages import PAGES
from tests.browser.visitors import Visit, Visitor

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"


def violations(visitor: Visitor) -> list[tuple[str, list[Any]]]:
    """Return what axe finds on the page: rules with the elements that break them."""
    found = Axe().run(visitor.page, options=WCAG).response["violations"]
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]


def test_axe_finds_what_is_wrong(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/polls/")
    visitor.page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input id=planted>')")

    assert violations(visitor) == [("label", [["#planted"]])]


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_in_light_and_dark_and_fits_320_pixels(visit: Visit, name: str) -> None:
    visitor = visit(user=PAGES[name].user, color_scheme="light")
    visitor.open(PAGES[name])
    visitor.page.evaluate(UNFOLD)

    light = violations(visitor)
    visitor.page.emulate_media(color_scheme="dark")
    dark = violations(visitor)
    # 400 % zoom of a window of 1280 by 1024 pixels leaves as much.
    visitor.page.set_viewport_size({"width": 320, "height": 256})
    overflow = visitor.page.evaluate(OVERFLOW)

    assert (light, dark, overflow) == ([], [], 0)


@pytest.mark.parametrize("name", PAGES)
def test_page_reads_from_right_to_left(visit: Visit, name: str) -> None:
    visitor = visit(user=PAGES[name].user, locale="ar", viewport={"width": 320, "height": 640})
    visitor.open(PAGES[name])
    visitor.page.evaluate(UNFOLD)

    direction = visitor.page.evaluate("getComputedStyle(document.body).direction")

    assert (direction, visitor.page.evaluate(OVERFLOW)) == ("rtl", 0)
