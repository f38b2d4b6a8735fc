"""No page has what axe finds to be against WCAG 2.2 AA, in light or in dark, nor more than a screen's width of text."""

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.pages import PAGES
from tests.browser.visitors import Visit, Visitor

RUN_AXE = "options => axe.run(options).then(({ violations }) => violations)"
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
LAYOUT = """() => {
  const { direction } = getComputedStyle(document.body);
  const { scrollWidth, clientWidth } = document.documentElement;
  return [direction, scrollWidth - clientWidth];
}"""


UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"


def violations(visitor: Visitor) -> list[tuple[str, list[Any]]]:
    """Return what axe, which is on the page, finds there: rules with the elements that break them."""
    found = visitor.page.evaluate(RUN_AXE, WCAG)
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]


def test_axe_finds_what_is_wrong(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/polls/")
    visitor.page.evaluate(AXE_SCRIPT)
    visitor.page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input id=planted>')")

    assert violations(visitor) == [("label", [["#planted"]])]


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_narrow_in_either_direction(visit: Visit, name: str) -> None:
    visitor = visit(user=PAGES[name].user, color_scheme="light")
    visitor.open(PAGES[name])
    visitor.page.evaluate(AXE_SCRIPT)
    visitor.page.evaluate(UNFOLD)

    light = violations(visitor)
    visitor.page.emulate_media(color_scheme="dark")
    dark = violations(visitor)
    # 400 % zoom of a window of 1280 by 1024 pixels leaves as much.
    visitor.page.set_viewport_size({"width": 320, "height": 256})
    left_to_right = visitor.page.evaluate(LAYOUT)
    visitor.page.set_extra_http_headers({"Accept-Language": "ar"})
    visitor.open(PAGES[name])
    visitor.page.evaluate(UNFOLD)
    right_to_left = visitor.page.evaluate(LAYOUT)

    assert (light, dark) == ([], [])
    assert (left_to_right, right_to_left) == (["ltr", 0], ["rtl", 0])
