"""Filling in a voting paper as people do: with the mouse, or with the keyboard alone."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator

from django_polls.methods.ballots import Ballot, Mark
from tests.browser.visitors import Visitor


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody works a page: pressing a button, choosing, and writing a number."""

    press: Callable[[Visitor, Locator], None]
    choose: Callable[[Visitor, Locator], None]
    pick: Callable[[Visitor, Locator, str], None]
    write: Callable[[Visitor, Locator, str], None]


def _click(visitor: Visitor, target: Locator) -> None:
    target.click()


def _select(visitor: Visitor, target: Locator, value: str) -> None:
    target.select_option(value)


def _fill(visitor: Visitor, target: Locator, value: str) -> None:
    target.click()
    target.press_sequentially(value)


def _enter(visitor: Visitor, target: Locator) -> None:
    visitor.tab_to(target)
    visitor.page.keyboard.press("Enter")


def _space(visitor: Visitor, target: Locator) -> None:
    """Tick a box, or walk through the radio buttons of a group, which is one stop of the tabulator."""
    if target.get_attribute("type") == "checkbox":
        visitor.tab_to(target)
    else:
        group = visitor.page.locator(f"[name='{target.get_attribute('name')}']")
        checked = group.and_(visitor.page.locator(":checked"))
        visitor.tab_to(checked if checked.count() else group.first)
        while not target.evaluate("element => element === document.activeElement"):
            visitor.page.keyboard.press("ArrowDown")
    if not target.is_checked():
        visitor.page.keyboard.press("Space")


def _type(visitor: Visitor, target: Locator, value: str) -> None:
    visitor.tab_to(target)
    visitor.page.keyboard.type(value)


HANDS = {
    "mouse": Hand(_click, _click, _select, _fill),
    "keyboard": Hand(_enter, _space, _type, _type),
}


def fill_in(visitor: Visitor, hand: Hand, ballot: Ballot, *, scripts: bool) -> None:
    """Fill in the paper on the page, best places first."""
    for mark in sorted(ballot.marks, key=lambda mark: (mark.rank or 0, mark.option_id)):
        _mark(visitor, hand, mark, scripts=scripts)


def _mark(visitor: Visitor, hand: Hand, mark: Mark, *, scripts: bool) -> None:
    page = visitor.page
    if mark.rank is not None:
        row = page.locator(f"[name=ranking_{mark.option_id}]")
        if scripts:
            name = page.locator("li", has=row).locator("label").inner_text()
            hand.press(visitor, page.get_by_role("button", name=f"Give {name} the next place"))
        else:
            hand.pick(visitor, row, str(mark.rank))
        return
    if mark.score is None:
        hand.choose(visitor, page.locator(f"[name=option][value='{mark.option_id}']"))
        return
    field = page.locator(f"[name=scores_{mark.option_id}]")
    if field.count() > 1:
        hand.choose(visitor, page.locator(f"[name=scores_{mark.option_id}][value='{mark.score}']"))
    else:
        hand.write(visitor, field, str(mark.score))


def send(visitor: Visitor, hand: Hand) -> None:
    """Press the button of the paper, and wait for what comes of it."""
    button = visitor.page.locator(".polls-paper button[type=submit]")
    with visitor.page.expect_navigation(wait_until="load"):
        hand.press(visitor, button)
