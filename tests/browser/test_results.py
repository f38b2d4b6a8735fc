"""Results are hidden and shown as the poll says, renew themselves while somebody looks, and are stepped through."""

import pytest
from playwright.sync_api import expect

from django_polls.identity import Voter
from django_polls.lifecycle import close_poll
from django_polls.methods.ballots import Ballot
from django_polls.methods.rankings import ballot_of
from django_polls.models.polls import Visibility
from django_polls.voting import cast_vote
from tests.browser.pages import CLOSED, of_poll
from tests.browser.test_refusals import choose, open_poll, press
from tests.browser.visitors import Visit

VOTER = Voter.from_token(b"another browser!")


@pytest.mark.parametrize("visibility", Visibility.values)
def test_results_are_shown_when_the_poll_says_so(visit: Visit, visibility: str) -> None:
    poll, ids = open_poll(visibility=visibility)
    cast_vote(poll, VOTER, Ballot.of(ids[0]))
    visitor = visit()
    bars = visitor.page.locator(".polls-results .polls-bars")

    visitor.go_to(poll)
    before = bars.count()
    choose(visitor, ids[1])
    press(visitor)
    after_vote = bars.count()
    close_poll(poll)
    visitor.go_to(poll)
    after_close = bars.count()

    assert {visibility: (before, after_vote, after_close)} == {
        visibility: {
            "always": (1, 1, 1),
            "after_vote": (0, 1, 1),
            "after_close": (0, 0, 1),
            "managers": (0, 0, 0),
            "never": (0, 0, 0),
        }[visibility]
    }


def test_results_renew_themselves_and_leave_the_reader_alone(visit: Visit) -> None:
    poll, ids = open_poll()
    visitor = visit()
    visitor.page.clock.install()
    with visitor.page.expect_response("**/piece/"):
        visitor.go_to(poll)
    table = visitor.page.get_by_text("The figures as a table")
    choose(visitor, ids[1])
    table.click()
    cast_vote(poll, VOTER, Ballot.of(ids[0]))

    with visitor.page.expect_response("**/piece/"):
        visitor.page.clock.fast_forward(5_000)

    expect(visitor.page.locator(".polls-results")).to_contain_text("1 vote")
    expect(visitor.page.locator("details[data-key=figures]")).to_have_attribute("open", "")
    expect(table).to_be_focused()
    expect(visitor.page.locator(f"[value='{ids[1]}']")).to_be_checked()


def test_rounds_are_stepped_through_by_keyboard(visit: Visit) -> None:
    poll, ids = open_poll("ranked")
    for number, order in enumerate([(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 1, 0)]):
        cast_vote(poll, Voter.from_token(bytes([number] * 16)), ballot_of([[ids[place]] for place in order]))
    visitor = visit()
    visitor.go_to(poll)
    rounds = visitor.page.locator(".polls-step")
    forward = visitor.page.get_by_role("button", name="Next round")

    shown = [step.is_visible() for step in rounds.all()]
    visitor.tab_to(forward)
    visitor.page.keyboard.press("Enter")
    then = [step.is_visible() for step in rounds.all()]

    assert (shown, then) == ([True, False], [False, True])
    expect(forward).to_be_focused()
    expect(forward).to_be_disabled()


def test_round_that_is_looked_at_stays_when_the_results_renew_themselves(visit: Visit) -> None:
    poll, ids = open_poll("ranked")
    for number, order in enumerate([(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 1, 0)]):
        cast_vote(poll, Voter.from_token(bytes([number] * 16)), ballot_of([[ids[place]] for place in order]))
    visitor = visit()
    visitor.page.clock.install()
    with visitor.page.expect_response("**/piece/"):
        visitor.go_to(poll)
    visitor.page.get_by_role("button", name="Next round").click()
    cast_vote(poll, VOTER, ballot_of([[ids[0]], [ids[1]]]))

    with visitor.page.expect_response("**/piece/"):
        visitor.page.clock.fast_forward(5_000)

    expect(visitor.page.locator(".polls-results")).to_contain_text("6 votes")
    assert [step.is_visible() for step in visitor.page.locator(".polls-step").all()] == [False, True]
    expect(visitor.page.get_by_role("button", name="Next round")).to_be_focused()


def test_print_has_every_round_and_neither_ballot_nor_links(visit: Visit) -> None:
    visitor = visit()
    visitor.go(of_poll("detail", CLOSED["stv"])())
    visitor.page.emulate_media(media="print")

    rounds = [step.is_visible() for step in visitor.page.locator(".polls-step").all()]
    figures = visitor.page.locator("details[data-key=figures] table")

    assert rounds == [True] * len(rounds)
    assert len(rounds) > 1
    expect(figures).to_be_visible()
    expect(visitor.page.get_by_role("navigation")).to_have_count(0)
