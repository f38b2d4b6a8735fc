"""What a voter meets when something goes wrong: a refusal, a second click, a second tab, an edit, the way back."""

import pytest
from playwright.sync_api import expect

from django_polls.lifecycle import PollDraft, edit_poll
from django_polls.models import Poll
from tests.browser.test_voting import bodies
from tests.browser.visitors import Visit, Visitor
from tests.ways import BY_METHOD

scripts_or_not = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])


def open_poll(method: str = "single", **fields: object) -> tuple[Poll, list[int]]:
    """Return a poll of this method, in which each browser has its vote, and the ids of its options."""
    poll, _ballots = BY_METHOD[method].open_poll(guest_identity="cookie", **fields)
    return poll, [option.pk for option in poll.options.all()]


def press(visitor: Visitor) -> None:
    with visitor.page.expect_navigation(wait_until="load"):
        visitor.page.locator(".polls-paper button[type=submit]").click()


def choose(visitor: Visitor, option_id: int) -> None:
    visitor.page.locator(f"[name=option][value='{option_id}']").check()


@scripts_or_not
def test_refused_paper_is_told_by_title_focus_and_description(visit: Visit, scripts: bool) -> None:
    poll, ids = open_poll("dots")
    visitor = visit(java_script_enabled=scripts)
    visitor.go_to(poll)
    field = visitor.page.locator(f"[name=scores_{ids[0]}]")
    field.fill("7")

    press(visitor)

    sentence = "Give at most 6 points altogether."
    expect(visitor.page).to_have_title(f"Not done: {poll.title}")
    expect(visitor.page.locator(".polls-error")).to_be_focused()
    expect(visitor.page.get_by_role("alert")).to_contain_text(sentence)
    expect(visitor.page.locator("fieldset.polls-ballot")).to_have_accessible_description(
        f"You have 6 points to give. {sentence}"
    )
    expect(field).to_have_value("7")
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("fieldset.polls-ballot")).to_be_focused()
    visitor.page.keyboard.press("Tab")
    expect(field).to_be_focused()
    assert bodies(poll) == []


@scripts_or_not
def test_missing_reason_is_told_at_its_field(visit: Visit, scripts: bool) -> None:
    poll, ids = open_poll("yes_no", reasons="required")
    visitor = visit(java_script_enabled=scripts)
    visitor.go_to(poll)
    choose(visitor, ids[1])

    press(visitor)

    reason = visitor.page.get_by_role("textbox", name="Your reason")
    expect(visitor.page.locator(".polls-error")).to_be_focused()
    expect(reason).to_have_accessible_description("Give a reason for this.")
    expect(visitor.page.locator(f"[name=option][value='{ids[1]}']")).to_be_checked()
    reason.fill("Too early")
    press(visitor)
    assert bodies(poll) == [str(ids[1])]


@pytest.mark.parametrize("clicks", [2, 3])
@scripts_or_not
def test_several_clicks_are_one_vote(visit: Visit, scripts: bool, clicks: int) -> None:
    poll, ids = open_poll()
    visitor = visit(java_script_enabled=scripts)
    visitor.go_to(poll)
    choose(visitor, ids[1])

    with visitor.page.expect_navigation(wait_until="load"):
        visitor.page.locator(".polls-paper button[type=submit]").click(click_count=clicks)

    expect(visitor.page.get_by_text("Your vote is counted.")).to_be_visible()
    assert bodies(poll) == [str(ids[1])]


@scripts_or_not
def test_poll_edited_meanwhile_is_looked_at_again(visit: Visit, scripts: bool) -> None:
    poll, ids = open_poll()
    visitor = visit(java_script_enabled=scripts)
    visitor.go_to(poll)
    choose(visitor, ids[0])
    edit_poll(poll, PollDraft({"title": "Another question"}))

    press(visitor)

    expect(visitor.page.locator(".polls-error")).to_be_focused()
    expect(visitor.page.get_by_role("alert")).to_contain_text("This poll was edited meanwhile. Look at it again.")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Another question")
    expect(visitor.page.locator("[name=option]:checked")).to_have_count(0)
    assert bodies(poll) == []
    choose(visitor, ids[0])
    press(visitor)
    assert bodies(poll) == [str(ids[0])]


@scripts_or_not
def test_way_back_leads_to_no_second_vote(visit: Visit, scripts: bool) -> None:
    poll, ids = open_poll()
    visitor = visit(java_script_enabled=scripts)
    visitor.go_to(poll)
    choose(visitor, ids[0])
    press(visitor)

    visitor.page.go_back()

    expect(visitor.page.get_by_text("You have voted.")).to_be_visible()
    expect(visitor.page.locator(".polls-paper")).to_have_count(0)
    assert bodies(poll) == [str(ids[0])]


def test_second_tab_does_not_vote_again(visit: Visit) -> None:
    poll, ids = open_poll()
    visitor = visit()
    visitor.go_to(poll)
    first, second = visitor.page, visitor.context.new_page()
    second.goto(first.url)
    choose(visitor, ids[0])
    press(visitor)

    visitor.page = second
    choose(visitor, ids[1])
    press(visitor)

    expect(second.get_by_role("alert")).to_contain_text("A vote in this poll cannot be changed.")
    expect(second.get_by_role("alert")).to_be_focused()
    expect(second.get_by_text("You have voted.")).to_be_visible()
    expect(second.locator(".polls-paper")).to_have_count(0)
    assert bodies(poll) == [str(ids[0])]


def test_second_address_of_one_network_does_not_vote_again(visit: Visit) -> None:
    poll, _ballots = BY_METHOD["single"].open_poll()
    one, other = visit(), visit()
    one.go_to(poll)
    one.page.locator("[name=option]").first.check()
    other.go_to(poll)
    other.page.locator("[name=option]").last.check()
    press(one)

    press(other)

    expect(other.page.get_by_role("alert")).to_contain_text("A vote in this poll cannot be changed.")
    assert len(bodies(poll)) == 1
