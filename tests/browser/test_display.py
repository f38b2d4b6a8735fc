"""The pages obey what a viewer has set: less motion, colours of their own, right to left, and a login."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import BALLOTS, MAYA, of_poll
from tests.browser.test_refusals import choose, open_poll, press
from tests.browser.test_voting import bodies
from tests.browser.visitors import Visit

TRANSITIONS = """() => [...document.querySelectorAll("*")].filter((element) => {
  const { transitionDuration, animationName } = getComputedStyle(element);
  return transitionDuration !== "0s" || animationName !== "none";
}).map((element) => element.className.baseVal ?? element.className)"""
EDGES = """() => {
  const rows = [...document.querySelectorAll(".polls-bar-head")];
  return rows.every((row) => {
    const figure = row.querySelector(".polls-bar-figure").getBoundingClientRect();
    return figure.left < row.querySelector(".polls-bar-text").getBoundingClientRect().left;
  });
}"""
FILLS = """() => ["polls-bar-fill", "polls-bar-back"].map((name) =>
  getComputedStyle(document.querySelector(`.${name}`)).fill)"""


def test_nothing_moves_where_less_motion_is_wanted(visit: Visit) -> None:
    visitor = visit(reduced_motion="reduce")
    visitor.go(of_poll("detail", BALLOTS["single"])())

    assert visitor.page.evaluate(TRANSITIONS) == []


def test_bars_and_choices_are_seen_in_forced_colours(visit: Visit) -> None:
    visitor = visit(forced_colors="active")
    visitor.go(of_poll("detail", BALLOTS["single"])())

    filled, back = visitor.page.evaluate(FILLS)

    assert filled != back


def test_figures_stand_on_the_left_from_right_to_left(visit: Visit) -> None:
    visitor = visit(locale="ar")
    visitor.go(of_poll("results", BALLOTS["single"])())

    assert visitor.page.evaluate(EDGES)


def test_login_leads_back_to_the_ballot(visit: Visit) -> None:
    poll, ids = open_poll(electorate="users")
    visitor = visit()
    visitor.go_to(poll)

    visitor.page.get_by_role("link", name="Log in to vote").click()
    visitor.page.get_by_label("Username").fill(MAYA)
    visitor.page.get_by_label("Password").fill("demo")
    visitor.page.get_by_role("main").get_by_role("button", name="Log in").click()
    choose(visitor, ids[0])
    press(visitor)

    assert bodies(poll) == [str(ids[0])]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_vote_is_withdrawn(visit: Visit, scripts: bool) -> None:
    poll, ids = open_poll(vote_change="until_close", vote_withdrawal="until_close")
    visitor = visit(java_script_enabled=scripts)
    visitor.go_to(poll)
    choose(visitor, ids[0])
    press(visitor)

    visitor.page.get_by_role("button", name="Withdraw my vote").click()

    expect(visitor.page.get_by_text("Your vote is withdrawn.")).to_be_visible()
    assert bodies(poll) == []


def test_choices_beyond_the_most_are_not_taken(visit: Visit) -> None:
    poll, ids = open_poll("approval", max_options=2, allows_abstention=True)
    visitor = visit()
    visitor.go_to(poll)
    boxes = visitor.page.locator("[name=option]")

    choose(visitor, ids[0])
    choose(visitor, ids[1])
    expect(visitor.page.get_by_role("status")).to_have_text("Chosen: 2 / 2")
    expect(boxes.nth(2)).to_be_disabled()
    visitor.page.get_by_label("I abstain").check()
    expect(visitor.page.get_by_role("status")).to_have_text("Chosen: 0 / 2")
    expect(boxes.nth(2)).to_be_enabled()
    press(visitor)

    assert bodies(poll) == ["abstain"]


def test_links_that_look_like_buttons_are_as_high(visit: Visit) -> None:
    visitor = visit(user=MAYA)
    visitor.go(of_poll("manage", BALLOTS["single"])())
    buttons = visitor.page.locator(".polls-button").all()

    assert len({button.bounding_box()["height"] for button in buttons}) == 1
    assert len(buttons) > 2


def test_first_stop_of_the_keyboard_skips_to_the_content(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/polls/")

    visitor.page.keyboard.press("Tab")
    expect(visitor.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Tab")

    assert visitor.page.evaluate("document.activeElement.closest('main') !== null")
