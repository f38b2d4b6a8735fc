"""No page has what axe finds to be against WCAG 2.2 AA, in light or in dark, nor more than a screen's width of text."""

from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse

from django_polls.models import Poll
from tests.browser.pages import PAGES
from tests.browser.visitors import Visit, Visitor

RUN_AXE = "([part, options]) => axe.run(part, options).then(({ violations }) => violations)"
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
LAYOUT = """() => {
  const { direction } = getComputedStyle(document.body);
  const { scrollWidth, clientWidth } = document.documentElement;
  return [direction, scrollWidth - clientWidth];
}"""


SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"


def violations(visitor: Visitor, part: str = "html") -> list[tuple[str, list[Any]]]:
    """Return what axe, which is on the page, finds in a part of it: rules with the elements that break them."""
    found = visitor.page.evaluate(RUN_AXE, [part, WCAG])
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


@pytest.mark.parametrize("page", ["analytics", "change"])
def test_what_the_package_adds_to_the_admin_is_accessible(visit: Visit, page: str) -> None:
    poll = Poll.objects.get(title__startswith="Who sits on")
    address, part = {
        "analytics": (reverse("admin:django_polls_poll_analytics", args=[poll.pk]), "#content"),
        # The rest of that page is Django's.
        "change": (reverse("admin:django_polls_poll_change", args=[poll.pk]), ".polls-tally"),
    }[page]
    # The scripts of Django 5.2's form style its widgets inline, which the policy of the example forbids.
    visitor = visit(user="demo_admin", bypass_csp=page == "change")

    found = {}
    for scheme in SCHEMES:
        # Before the page is there: Django's links take their time to change colour.
        visitor.page.emulate_media(color_scheme=scheme)
        visitor.go(address)
        visitor.page.evaluate(AXE_SCRIPT)
        visitor.page.evaluate(UNFOLD)
        found[scheme] = violations(visitor, part)

    assert found == {"light": [], "dark": []}
