"""A ranking is made with the keyboard, and a screen reader is told each step; with the mouse it can be dragged."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.test_refusals import open_poll, press
from tests.browser.test_voting import bodies
from tests.browser.visitors import Visit, Visitor


def button(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("button", name=name, exact=True)


def told(visitor: Visitor) -> list[str]:
    """Return what a screen reader meets in the list, one line for each option."""
    rows = visitor.page.locator(".polls-ranking > li").all()
    return [" ".join(row.locator(".polls-rank-place, label").all_inner_texts()).strip() for row in rows]


def test_each_step_is_announced_and_keeps_the_focus(visit: Visit) -> None:
    poll, ids = open_poll("ranked")
    visitor = visit()
    visitor.go_to(poll)
    status = visitor.page.get_by_role("status")
    keys = visitor.page.keyboard

    visitor.tab_to(button(visitor, "Give Option 2 the next place"))
    keys.press("Enter")
    expect(status).to_have_text("Option 2: place 1")
    expect(button(visitor, "Leave Option 2 without a place")).to_be_focused()
    visitor.tab_to(button(visitor, "Give Option 3 the next place"))
    keys.press("Space")
    expect(status).to_have_text("Option 3: place 2")
    visitor.tab_to(button(visitor, "Leave Option 2 without a place"))
    keys.press("Enter")
    expect(status).to_have_text("Option 2: no place")
    expect(button(visitor, "Give Option 2 the next place")).to_be_focused()

    press(visitor)

    assert bodies(poll) == [f"{ids[2]}:1"]


def test_button_pressed_once_too_often_moves_nothing(visit: Visit) -> None:
    poll, _ids = open_poll("ranked")
    visitor = visit()
    visitor.go_to(poll)
    for number in (2, 3):
        button(visitor, f"Give Option {number} the next place").click()
    up = button(visitor, "Move Option 3 up")
    up.focus()

    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Enter")

    expect(visitor.page.get_by_role("status")).to_have_text("Option 3: place 1")
    expect(up).to_be_focused()
    expect(up).to_be_disabled()
    assert told(visitor) == ["1 Option 3", "2 Option 2", "Option 1"]


def test_options_are_dragged_to_their_places(visit: Visit) -> None:
    poll, ids = open_poll("ranked")
    visitor = visit()
    visitor.go_to(poll)
    for number in (1, 2):
        button(visitor, f"Give Option {number} the next place").click()
    rows = visitor.page.locator(".polls-ranking > li")

    rows.nth(2).drag_to(rows.nth(0), target_position={"x": 20, "y": 4})
    expect(visitor.page.get_by_role("status")).to_have_text("Option 3: place 1")
    press(visitor)

    assert bodies(poll) == [f"{ids[0]}:2 {ids[1]}:3 {ids[2]}:1"]


def test_places_that_run_out_are_not_given(visit: Visit) -> None:
    poll, ids = open_poll("ranked", max_ranks=1)
    visitor = visit()
    visitor.go_to(poll)

    button(visitor, "Give Option 1 the next place").click()
    expect(button(visitor, "Give Option 2 the next place")).to_be_disabled()
    button(visitor, "Give Option 2 the next place").click(force=True)
    press(visitor)

    assert bodies(poll) == [f"{ids[0]}:1"]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_ranking_is_changed_from_where_it_was(visit: Visit, scripts: bool) -> None:
    poll, ids = open_poll("ranked", vote_change="until_close")
    visitor = visit(java_script_enabled=scripts)
    visitor.go_to(poll)
    if scripts:
        button(visitor, "Give Option 3 the next place").click()
    else:
        visitor.page.get_by_label("Option 3").select_option("1")
    press(visitor)
    first = bodies(poll)

    if scripts:
        button(visitor, "Give Option 1 the next place").click()
        button(visitor, "Move Option 1 up").click()
    else:
        visitor.page.get_by_label("Option 3").select_option("2")
        visitor.page.get_by_label("Option 1").select_option("1")
    press(visitor)

    assert (first, bodies(poll)) == ([f"{ids[2]}:1"], [f"{ids[0]}:1 {ids[2]}:2"])
