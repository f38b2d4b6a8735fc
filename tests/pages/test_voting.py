"""People vote on the pages, without scripts: under every method, once, and told plainly what was wrong."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from django_polls import statements
from django_polls.exceptions import TryAgain
from django_polls.identity import Voter
from django_polls.lifecycle import PollDraft, close_poll, edit_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote
from django_polls.models.clock import database_now
from django_polls.models.polls import Electorate, GuestIdentity, Until, Visibility
from django_polls.voting import cast_vote
from tests.factories import PollFactory, UserFactory
from tests.pages.browser import Browser, Page
from tests.pages.conftest import guest, logged_in, url_of
from tests.ways import Way, each_way

pytestmark = pytest.mark.django_db

Values = Mapping[str, str | Sequence[str]]
COUNTED, NOT_COUNTED = "Your vote is counted.", "Your vote was not counted."


def vote(browser: Browser, poll: Poll, **values: str | Sequence[str]) -> Page:
    """Open a poll's page, fill in its paper and send it."""
    page = browser.open(url_of("poll-detail", poll))
    return browser.send(page, url_of("poll-vote", poll), values)


def paper_of(page: Page, poll: Poll) -> dict[str, list[str]]:
    """Return what the paper on a page would send, but for what belongs to the page."""
    form = page.forms[url_of("poll-vote", poll)]
    return {name: value for name, value in form.items() if name not in {"csrfmiddlewaretoken", "next", "revision"}}


def stored() -> list[str]:
    """Return the ballots of all votes."""
    return [vote.ballot.body for vote in Vote.objects.select_related("ballot").order_by("pk")]


def fields_of(ballot: Ballot) -> dict[str, str | list[str]]:
    """Return how a ballot is filled in on a page."""
    if any(mark.rank for mark in ballot.marks):
        return {f"ranking_{mark.option_id}": str(mark.rank) for mark in ballot.marks}
    if any(mark.score is not None for mark in ballot.marks):
        return {f"scores_{mark.option_id}": str(mark.score) for mark in ballot.marks}
    return {"option": [str(mark.option_id) for mark in ballot.marks]}


@each_way
def test_every_ballot_is_counted_as_it_was_filled_in(way: Way) -> None:
    poll, ballots = way.open_poll()

    pages = [vote(guest(number), poll, **fields_of(ballot)) for number, ballot in enumerate(ballots)]

    assert [(page.status, COUNTED in page.text) for page in pages] == [(200, True)] * len(ballots)
    assert stored() == [ballot.body for ballot in ballots]


@each_way
def test_vote_that_may_change_comes_back_filled_in(way: Way) -> None:
    poll, ballots = way.open_poll(vote_change=Until.CLOSE)
    first, second = ballots[:2]
    browser = guest()

    voted = vote(browser, poll, **fields_of(first))
    empty = {name: "" for name in paper_of(voted, poll) if name.startswith(("ranking_", "scores_"))}
    changed = vote(browser, poll, **{**empty, **fields_of(second)})

    filled = {name: value for name, value in paper_of(voted, poll).items() if value != [""]}
    assert filled == {name: [text] if isinstance(text, str) else text for name, text in fields_of(first).items()}
    assert (COUNTED in changed.text, stored()) == (True, [second.body])


def test_same_paper_twice_counts_once() -> None:
    poll = PollFactory()
    browser, option = guest(), poll.options.first()
    page = browser.open(url_of("poll-detail", poll))

    answers = [browser.send(page, url_of("poll-vote", poll), {"option": str(option.pk)}) for _ in range(2)]

    assert [(answer.status, COUNTED in answer.text) for answer in answers] == [(200, True)] * 2
    assert stored() == [str(option.pk)]


def test_another_paper_after_a_vote_is_refused() -> None:
    poll = PollFactory()
    browser, (first, second) = guest(), poll.options.all()
    page = browser.open(url_of("poll-detail", poll))
    browser.send(page, url_of("poll-vote", poll), {"option": str(first.pk)})

    refused = browser.send(page, url_of("poll-vote", poll), {"option": str(second.pk)})

    assert (refused.status, refused.title) == (409, "Not done: Test Poll")
    assert f"{NOT_COUNTED} A vote in this poll cannot be changed." in refused.text
    assert (url_of("poll-vote", poll) in refused.forms, stored()) == (False, [str(first.pk)])


def approval(**fields: object) -> Poll:
    poll: Poll = PollFactory(method="approval", options=4, **fields)
    return poll


def test_refused_paper_comes_back_filled_in() -> None:
    poll = approval(max_options=2)
    chosen = [str(option.pk) for option in poll.options.all()[:3]]

    page = vote(guest(), poll, option=chosen)

    assert (page.status, page.title, stored()) == (400, "Not done: Test Poll", [])
    assert f"{NOT_COUNTED} Mark at most 2 options." in page.text
    assert sorted(paper_of(page, poll)["option"]) == sorted(chosen)
    assert f"#poll-{poll.pk}-ballot" in page.links


@pytest.mark.parametrize(
    ("fields", "values", "sentence"),
    [
        ({"method": "single"}, {}, "Choose one of these."),
        ({"method": "single"}, {"option": ["1.9"]}, "This ballot does not fit the poll's method."),
        ({"method": "single"}, {"option": ["9" * 40]}, "This ballot does not fit the poll's method."),
        ({"method": "single"}, {"option": ["\u0661"]}, "This ballot does not fit the poll's method."),
        ({"method": "single"}, {"option": ["-"]}, "This ballot does not fit the poll's method."),
        ({"method": "single"}, {"option": ["999999999"]}, "The poll has no such option."),
        ({"method": "single"}, {"word": "maybe"}, "This ballot does not fit the poll's method."),
        ({"method": "single"}, {"word": "abstain"}, "This poll takes no abstentions."),
        ({"method": "single"}, {"revision": ""}, "This ballot does not fit the poll's method."),
        ({"method": "single"}, {"reason": "Because."}, "This poll takes no reasons."),
    ],
)
def test_paper_that_is_no_ballot_is_refused(
    fields: Mapping[str, object], values: Mapping[str, str], sentence: str
) -> None:
    poll = PollFactory(**fields)
    option = {"option": str(poll.options.first().pk)} if {"revision", "reason"} & values.keys() else {}

    page = vote(guest(), poll, **{**option, **values})

    assert (page.status, f"{NOT_COUNTED} {sentence}" in page.text, stored()) == (400, True, [])


def test_words_are_votes_and_exclude_marks() -> None:
    poll = approval(allows_abstention=True, allows_none_of_these=True)
    option = str(poll.options.first().pk)

    both = vote(guest(1), poll, option=option, word="abstain")
    two = vote(guest(1), poll, word=["abstain", "none"])
    abstained, none = vote(guest(2), poll, word="abstain"), vote(guest(3), poll, word="none")

    refusal = f"{NOT_COUNTED} Mark options, or say one thing instead: not both."
    assert [(page.status, refusal in page.text) for page in (both, two)] == [(400, True)] * 2
    assert (paper_of(both, poll)["option"], paper_of(both, poll)["word"]) == ([option], ["abstain"])
    assert "You have voted. You abstained." in abstained.text
    assert 'You have voted. You chose "none of these".' in none.text
    assert stored() == ["abstain", "none"]


def test_words_are_among_the_choices_where_one_is_chosen() -> None:
    poll = PollFactory(allows_none_of_these=True)

    page = vote(guest(), poll, option="none")

    assert (COUNTED in page.text, stored()) == (True, ["none"])


def test_poll_that_was_edited_meanwhile_is_looked_at_again() -> None:
    poll = PollFactory()
    browser = guest()
    page = browser.open(url_of("poll-detail", poll))
    edit_poll(poll, PollDraft({"title": "Another question"}))

    answer = browser.send(page, url_of("poll-vote", poll), {"option": str(poll.options.first().pk)})

    assert (answer.status, answer.title, stored()) == (409, "Not done: Another question", [])
    assert "This poll was edited meanwhile. Look at it again." in answer.text
    assert paper_of(answer, poll) == {}


def test_worker_with_an_old_copy_takes_a_paper_of_the_new_definition() -> None:
    poll = PollFactory(options=3)
    vote(guest(1), poll, option=str(poll.options.first().pk))
    Vote.objects.all()[0].delete()
    # By the host's own code, past the verbs: this process still knows the poll as it was.
    Poll.objects.filter(pk=poll.pk).update(method="approval", revision=9)
    chosen = [str(option.pk) for option in poll.options.all()[:2]]

    page = vote(guest(2), poll, option=chosen)

    assert (COUNTED in page.text, stored()) == (True, [" ".join(chosen)])


def test_reason_that_is_missing_is_said_at_its_field() -> None:
    poll = PollFactory(method="yes_no", options=4, reasons="required_for_disagree")
    block = poll.options.all()[3]

    refused = vote(guest(), poll, option=str(block.pk))
    given = vote(guest(), poll, option=str(block.pk), reason="It is too loud.\r\nAnd too late.")

    assert (refused.status, f"#poll-{poll.pk}-reason" in refused.links) == (400, True)
    assert paper_of(refused, poll) == {"option": [str(block.pk)], "reason": [""]}
    assert "Your reason: It is too loud. And too late." in given.text
    assert Vote.objects.get().reason.text == "It is too loud.\nAnd too late."


def test_vote_is_withdrawn_where_the_poll_allows_it() -> None:
    poll = PollFactory(vote_withdrawal=Until.CLOSE)
    browser = guest()
    voted = vote(browser, poll, option=str(poll.options.first().pk))

    page = browser.send(voted, url_of("poll-withdraw", poll))

    assert ("Your vote is withdrawn." in page.text, stored()) == (True, [])
    assert url_of("poll-withdraw", poll) not in page.forms


def test_withdrawal_that_is_not_allowed_is_refused() -> None:
    poll = PollFactory()
    browser = guest()
    vote(browser, poll, option=str(poll.options.first().pk))
    page = browser.open(url_of("poll-detail", PollFactory(vote_withdrawal=Until.CLOSE)))
    token = next(iter(page.forms.values()))["csrfmiddlewaretoken"]

    response = browser.client.post(url_of("poll-withdraw", poll), {"csrfmiddlewaretoken": token})

    refused = Page(response)
    assert (refused.status, len(stored())) == (409, 1)
    assert "A vote in this poll cannot be withdrawn." in refused.text


class TestWhoVotes:
    """Whoever cannot vote is told why, and finds no paper."""

    def test_guest_is_led_to_the_login(self) -> None:
        poll = PollFactory(electorate=Electorate.USERS)

        page = guest().open(url_of("poll-detail", poll))

        assert f"/accounts/login/?next={url_of('poll-detail', poll)}" in page.links
        assert url_of("poll-vote", poll) not in page.forms

    def test_voter_whose_login_has_ended_meanwhile_is_led_to_it(self) -> None:
        poll = PollFactory(electorate=Electorate.USERS)
        browser = logged_in(UserFactory())
        page = browser.open(url_of("poll-detail", poll))
        del browser.client.cookies["sessionid"]

        refused = browser.send(page, url_of("poll-vote", poll), {"option": str(poll.options.first().pk)})

        assert (refused.status, stored()) == (403, [])
        assert f"{NOT_COUNTED} Log in to do this." in refused.text
        assert refused.links.count(f"/accounts/login/?next={url_of('poll-detail', poll)}") == 1

    def test_user_of_another_group_is_told(self) -> None:
        poll = PollFactory(electorate=Electorate.GROUPS)

        page = logged_in(UserFactory()).open(url_of("poll-detail", poll))

        assert "You may not vote in this poll." in page.text
        assert url_of("poll-vote", poll) not in page.forms

    def test_guest_behind_an_undeclared_proxy_is_told(self) -> None:
        poll = PollFactory()
        browser = Browser("10.0.0.1")
        browser.client.defaults["HTTP_X_FORWARDED_FOR"] = "203.0.113.7"

        page = browser.open(url_of("poll-detail", poll))

        assert "Your address cannot be told apart from other people's" in page.text

    def test_guest_with_a_cookie_votes_once_per_browser(self) -> None:
        poll = PollFactory(guest_identity=GuestIdentity.COOKIE)
        option = str(poll.options.first().pk)

        pages = [vote(browser, poll, option=option) for browser in (guest(1), guest(1))]

        assert [COUNTED in page.text for page in pages] == [True, True]
        assert stored() == [option, option]

    def test_paper_without_the_cookie_comes_back_with_one(self) -> None:
        poll = PollFactory(guest_identity=GuestIdentity.COOKIE)
        browser, option = guest(), str(poll.options.first().pk)
        page = browser.open(url_of("poll-detail", poll))
        del browser.client.cookies["django_polls_voter"]

        refused = browser.send(page, url_of("poll-vote", poll), {"option": option})
        again = browser.send(refused, url_of("poll-vote", poll))

        assert (refused.status, paper_of(refused, poll)) == (403, {"option": [option]})
        assert (COUNTED in again.text, stored()) == (True, [option])

    def test_full_poll_offers_no_paper(self) -> None:
        poll = PollFactory(max_votes=1)
        vote(guest(1), poll, option=str(poll.options.first().pk))

        page = guest(2).open(url_of("poll-detail", poll))

        assert ("This poll is full. Most votes: 1." in page.text, page.forms) == (True, {})

    def test_draft_exists_for_its_manager_alone(self, owner: User) -> None:
        poll = PollFactory(is_draft=True, created_by=owner)

        pages = [browser.open(url_of("poll-detail", poll)) for browser in (guest(), logged_in(owner))]

        assert [page.status for page in pages] == [404, 200]
        assert url_of("poll-vote", poll) not in pages[1].forms

    def test_scheduled_and_closed_polls_take_no_paper(self) -> None:
        later = PollFactory(opens_at=database_now() + timedelta(days=1))
        closed = PollFactory()
        browser = guest()
        page = browser.open(url_of("poll-detail", closed))
        close_poll(closed)

        late = browser.send(page, url_of("poll-vote", closed), {"option": str(closed.options.first().pk)})

        assert guest().open(url_of("poll-detail", later)).forms == {}
        assert (late.status, late.forms, stored()) == (409, {}, [])
        assert f"{NOT_COUNTED} This poll is closed." in late.text


def test_paper_for_which_the_database_is_too_busy_may_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    poll, browser = PollFactory(vote_withdrawal=Until.CLOSE), guest()
    page = vote(browser, poll, option=str(poll.options.first().pk))

    def busy(*_arguments: object, **_options: object) -> None:
        raise TryAgain

    monkeypatch.setattr(statements, "remove_vote", busy)
    refused = browser.client.post(url_of("poll-withdraw", poll), page.forms[url_of("poll-withdraw", poll)])

    assert (refused.status_code, refused.headers["Retry-After"], len(stored())) == (503, "1", 1)


def test_paper_needs_its_token_against_forgery() -> None:
    poll = PollFactory()
    form = {"option": str(poll.options.first().pk), "revision": str(poll.revision)}

    response = guest().client.post(url_of("poll-vote", poll), form)

    assert (response.status_code, stored()) == (403, [])


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_vote_leads_to_no_other_site(target: str) -> None:
    poll = PollFactory()
    browser = guest()
    page = browser.open(url_of("poll-detail", poll))
    form = page.forms[url_of("poll-vote", poll)] | {"option": [str(poll.options.first().pk)], "next": [target]}

    response = browser.client.post(url_of("poll-vote", poll), form)

    assert (response.status_code, response.headers["Location"]) == (302, url_of("poll-detail", poll))


def test_vote_leads_back_to_the_page_it_was_cast_on() -> None:
    poll = PollFactory()

    browser = guest()
    page = browser.open(url_of("poll-detail", poll))
    browser.send(page, url_of("poll-vote", poll), {"option": str(poll.options.first().pk), "next": "/polls/?q=tea"})

    assert browser.url == "/polls/?q=tea"


def test_address_of_votes_leads_to_the_poll() -> None:
    poll = PollFactory()

    response = guest().client.get(url_of("poll-vote", poll))

    assert (response.status_code, response.headers["Location"]) == (302, url_of("poll-detail", poll))


def test_options_are_shuffled_for_each_voter_and_stay_so() -> None:
    poll = PollFactory(options=8, shuffles_options=True, allows_none_of_these=True)
    texts = [option.text for option in poll.options.all()]

    def order(browser: Browser) -> list[str]:
        text = browser.open(url_of("poll-detail", poll)).text
        assert text.index("None of these") > max(text.index(each) for each in texts)
        return sorted(texts, key=text.index)

    browsers = [guest(number) for number in range(6)]
    orders = [order(browser) for browser in browsers]

    assert [order(browser) for browser in browsers] == orders
    assert len({tuple(each) for each in orders}) > 1
    assert all(sorted(each) == texts for each in orders)


def test_new_guest_keeps_the_order_of_their_first_page() -> None:
    poll = PollFactory(options=8, shuffles_options=True, guest_identity=GuestIdentity.COOKIE)
    browser = guest()

    first, second = [browser.open(url_of("poll-detail", poll)).text for _ in range(2)]

    assert [first.index(f"Option {n}") for n in range(1, 9)] == [second.index(f"Option {n}") for n in range(1, 9)]


def test_own_vote_is_shown_to_its_voter_alone() -> None:
    user, other = UserFactory(), UserFactory()
    poll = PollFactory(visibility=Visibility.AFTER_CLOSE)
    cast_vote(poll, Voter.from_user(user), Ballot.of(poll.options.all()[1].pk))

    own, others = [logged_in(each).open(url_of("poll-detail", poll)).text for each in (user, other)]

    assert ("You have voted. Option 2" in own, "You have voted" in others) == (True, False)
