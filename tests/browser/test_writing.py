"""A poll is created, drafted, edited and closed, with the mouse and with the keyboard, with scripts and without."""

import pytest
from playwright.sync_api import expect

from django_polls.models import Poll
from django_polls.models.polls import Status
from tests.browser.pages import MAYA
from tests.browser.papers import HANDS
from tests.browser.visitors import Visit


def made(title: str) -> tuple[str, str, list[str]]:
    """Return the status, the method and the options of the poll of this title."""
    poll = Poll.objects.with_clock().get(title=title)
    return poll.status.value, poll.method, [option.text for option in poll.options.all()]


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_poll_is_created(visit: Visit, scripts: bool, hand: str) -> None:
    title, hands = f"Tea or coffee, {scripts} {hand}?", HANDS[hand]
    visitor = visit(user=MAYA, java_script_enabled=scripts)
    visitor.go("/polls/")
    with visitor.page.expect_navigation(wait_until="load"):
        hands.press(visitor, visitor.page.get_by_role("link", name="New poll"))

    page = visitor.page
    hands.write(visitor, page.get_by_label("Title"), title)
    hands.write(visitor, page.get_by_label("Option 1"), "Tea")
    hands.write(visitor, page.get_by_label("Option 3"), "Coffee")
    with page.expect_navigation(wait_until="load"):
        hands.press(visitor, page.get_by_role("button", name="Create the poll"))

    expect(page.get_by_text("The poll is created.")).to_be_visible()
    assert made(title) == ("open", "single", ["Tea", "Coffee"])


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_refused_poll_is_told_by_title_focus_and_links(visit: Visit, scripts: bool) -> None:
    visitor = visit(user=MAYA, java_script_enabled=scripts)
    visitor.go("/polls/new/")
    page = visitor.page
    page.get_by_label("Option 1").fill("Alone")

    with page.expect_navigation(wait_until="load"):
        page.get_by_role("button", name="Create the poll").click()

    expect(page).to_have_title("Not saved: New poll")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Title")).to_have_accessible_description("This field is required.")
    expect(page.get_by_label("Option 1")).to_have_value("Alone")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Title")).to_be_focused()


def test_options_that_were_moved_keep_their_places_in_a_refused_poll(visit: Visit) -> None:
    visitor = visit(user=MAYA)
    visitor.go("/polls/new/")
    page = visitor.page
    for number, text in enumerate(("First", "Second", "Third"), 1):
        page.get_by_label(f"Option {number}").fill(text)
    page.locator(".polls-option").nth(2).get_by_role("button", name="Move up").click()

    page.get_by_role("button", name="Create the poll").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Title").fill("In this order?")
    page.get_by_role("button", name="Create the poll").click()

    expect(page.get_by_text("The poll is created.")).to_be_visible()
    assert made("In this order?") == ("open", "single", ["First", "Third", "Second"])


def test_options_are_added_moved_and_removed_in_place(visit: Visit) -> None:
    visitor = visit(user=MAYA)
    visitor.go("/polls/new/")
    page, keys = visitor.page, visitor.page.keyboard
    page.get_by_label("Title").fill("In which order?")
    for number, text in enumerate(("First", "Second", "Third", "Fourth"), 1):
        page.get_by_label(f"Option {number}").fill(text)
    visitor.tab_to(page.get_by_role("button", name="More lines"))
    keys.press("Enter")
    keys.type("Fifth")
    rows = page.locator(".polls-option")

    up = rows.nth(1).get_by_role("button", name="Move up")
    up.focus()
    keys.press("Enter")
    expect(rows.nth(0).get_by_role("button", name="Move up")).to_be_focused()
    rows.nth(2).get_by_label("Remove").check()
    page.get_by_role("button", name="Save as a draft").click()

    expect(page.get_by_text("The poll is saved as a draft.")).to_be_visible()
    assert made("In which order?") == ("draft", "single", ["Second", "First", "Fourth", "Fifth"])


def test_form_shows_what_the_method_has_a_use_for(visit: Visit) -> None:
    visitor = visit(user=MAYA)
    visitor.go("/polls/new/")
    sections = visitor.page.locator(".polls-section > summary")

    visitor.page.get_by_label("Method").select_option("dots")
    shown = [summary.inner_text() for summary in sections.all() if summary.is_visible()]

    assert "Points" in shown
    assert {"Scores", "Rankings", "Reasons", "How many options"} & set(shown) == set()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_poll_is_opened_and_closed_by_its_manager(visit: Visit, scripts: bool) -> None:
    visitor = visit(user=MAYA, java_script_enabled=scripts)
    visitor.go("/polls/new/")
    page, title = visitor.page, f"Opened and closed, {scripts}"
    page.get_by_label("Title").fill(title)
    page.get_by_label("Option 1").fill("Yes")
    page.get_by_label("Option 2").fill("No")
    page.get_by_role("button", name="Save as a draft").click()
    page.get_by_role("button", name="Open for votes now").click()
    expect(page.get_by_text("The poll is open for votes.")).to_be_visible()

    page.get_by_label("Why (everybody can read this)").fill("Decided")
    page.get_by_role("button", name="Close for good").click()

    expect(page.get_by_text("The poll is closed.")).to_be_visible()
    poll = Poll.objects.with_clock().get(title=title)
    assert (poll.status, poll.close_reason) == (Status.CLOSED, "Decided")
