"""Results on the pages: what everybody may see of them, with every figure, and nothing where they are hidden."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.test import override_settings

from django_polls.display.polls import ShownPoll
from django_polls.display.results import Bar, results_shown
from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft, close_poll, create_poll
from django_polls.methods.ballots import Ballot, Word
from django_polls.methods.rankings import ballot_of
from django_polls.models import Poll
from django_polls.models.polls import Until, Visibility
from django_polls.policies import Policy
from django_polls.voting import cast_vote, replace_vote
from tests.factories import PollFactory, UserFactory
from tests.pages.browser import Page
from tests.pages.conftest import guest, logged_in, url_of
from tests.ways import Way, each_way, scored

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def poll_of(*texts: str, **fields: object) -> tuple[Poll, list[int]]:
    """Return an open poll with these options, and their ids."""
    poll = create_poll(PollDraft({"title": "T", **fields}, [OptionDraft(text) for text in texts]))
    return poll, [option.pk for option in poll.options.all()]


def cast(poll: Poll, *ballots: Ballot) -> None:
    for ballot in ballots:
        cast_vote(poll, Voter.from_user(UserFactory()), ballot)


def shown(poll: Poll, user: User | None = None) -> ShownPoll:
    """Return a poll as somebody is shown it on its page."""
    browser = logged_in(user) if user else guest()
    context: ShownPoll = browser.client.get(url_of("poll-detail", poll)).context["shown"]
    return context


def bars(poll: Poll) -> Sequence[Bar]:
    results = results_shown(shown(poll))
    assert results is not None
    return results.bars


def test_bars_have_votes_and_shares_the_first_one_first() -> None:
    poll, (tea, coffee, _water) = poll_of("Tea", "Coffee", "Water")
    cast(poll, *[Ballot.of(coffee)] * 2, Ballot.of(tea))

    assert bars(poll) == [
        Bar("Coffee", "2", "66.7%", "66.67%", "", is_winner=True),
        Bar("Tea", "1", "33.3%", "33.33%", "", is_winner=False),
        Bar("Water", "0", "0.0%", "0%", "", is_winner=False),
    ]


def test_bars_of_scores_are_as_long_as_their_points() -> None:
    poll, (a, b, _c) = poll_of("A", "B", "C", method="score", count="mean", unscored_is_zero=False)
    cast(poll, scored({a: 5, b: 1}), scored({a: 4, b: 2}))

    assert [(bar.figure, bar.share, bar.width) for bar in bars(poll)] == [
        ("4.5", "", "100%"),
        ("1.5", "", "33.33%"),
        ("0", "", "0%"),
    ]


@pytest.mark.parametrize(("fields", "measure"), [({"method": "score", "count": "mean"}, "Mean score"), ({}, "Votes")])
def test_figures_are_named_before_the_first_vote(fields: dict[str, object], measure: str) -> None:
    poll, _ids = poll_of("A", "B", **fields)

    results = results_shown(shown(poll))

    assert results is not None
    assert (results.measure, results.base, [bar.share for bar in results.bars]) == (measure, "", ["", ""])


def test_bars_of_grades_say_the_word() -> None:
    grades = "Bad\nFair\nGood"
    poll, (a, b) = poll_of("A", "B", method="score", count="majority_judgment", max_score=2, grades=grades)
    cast(poll, scored({a: 2, b: 1}))

    assert [bar.figure for bar in bars(poll)] == ["Good", "Fair"]


def test_own_marks_stand_beside_their_options() -> None:
    ranked, (a, b) = poll_of("A", "B", method="ranked")
    graded, (c, d) = poll_of("C", "D", method="score", max_score=1, grades="No\nYes")
    points, (e, _f) = poll_of("E", "F", method="dots", points=3)
    user = UserFactory()
    for poll, ballot in ((ranked, ballot_of([[b], [a]])), (graded, scored({c: 1, d: 0})), (points, scored({e: 3}))):
        cast_vote(poll, Voter.from_user(user), ballot)

    own = []
    for poll in (ranked, graded, points):
        results = results_shown(shown(poll, user))
        assert results is not None
        own.append({bar.text: bar.own for bar in results.bars})

    assert own == [
        {"B": "You gave it place 1", "A": "You gave it place 2"},
        {"C": "You gave: Yes", "D": "You gave: No"},
        {"E": "You gave: 3", "F": ""},
    ]


def test_shares_name_their_base() -> None:
    poll, (tea, coffee) = poll_of("Tea", "Coffee", allows_abstention=True, allows_none_of_these=True)
    before = guest().open(url_of("poll-detail", poll)).text
    cast(poll, Ballot.of(tea))
    all_votes = guest().open(url_of("poll-detail", poll)).text
    cast(poll, Ballot.of(coffee), Ballot(word=Word.ABSTAIN), Ballot(word=Word.NONE_OF_THESE))
    text = guest().open(url_of("poll-detail", poll)).text

    assert "Shares are of" not in before
    assert "Figures: Votes. Shares are of all votes." in all_votes
    assert "4 votes" in text
    assert "Shares are of the 2 votes that choose an option." in text
    assert "None of these1 Abstentions1" in text


def test_shares_of_weighted_votes_name_what_they_weigh() -> None:
    class Weighing(Policy):
        def weight_of(self, voter: Voter, poll: Poll) -> Decimal:
            return Decimal("2.5")

    poll, (tea, _coffee) = poll_of("Tea", "Coffee")
    with override_settings(DJANGO_POLLS_POLICY=f"{__name__}.Weighing"):
        globals()["Weighing"] = Weighing
        cast(poll, Ballot.of(tea))

    text = guest().open(url_of("poll-detail", poll)).text
    assert "Shares are of the 2.5 that the votes for options weigh together." in text


def test_rounds_are_told_step_by_step() -> None:
    poll, (a, b, c) = poll_of("A", "B", "C", method="ranked", count="irv")
    cast(poll, *[ballot_of([[a]])] * 3, *[ballot_of([[b]])] * 2, ballot_of([[c], [b]]))

    results = results_shown(shown(poll))

    assert results is not None
    first, last = results.steps[0], results.steps[-1]
    assert [(row.text, row.figure, row.width, row.fate, row.word) for row in first.rows] == [
        ("A", "3", "100%", "", ""),
        ("B", "2", "66.67%", "", ""),
        ("C", "1", "33.33%", "eliminated", "out"),
    ]
    assert first.sentence == "Round 1: C has the fewest votes (1) and is out; 1 of its votes goes to B."
    assert {(row.fate, row.word) for row in last.rows} == {("elected", "elected")}
    assert not any(sentence.startswith("Round") and "fewest" in sentence for sentence in results.sentences)


def test_comparisons_are_a_matrix() -> None:
    poll, (a, b) = poll_of("A", "B", method="ranked", count="schulze")
    cast(poll, *[ballot_of([[a], [b]])] * 2, ballot_of([[b], [a]]))

    results = results_shown(shown(poll))

    assert results is not None
    assert [(row.text, list(row.cells)) for row in results.matrix] == [
        ("A", [("", False), ("2", True)]),
        ("B", [("1", False), ("", False)]),
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"pass_threshold": "1/2"}, "Passed"),
        ({"pass_threshold": "1"}, "Not passed"),
        ({"quorum": 9}, "No quorum"),
    ],
)
def test_verdict_is_said(fields: dict[str, object], words: str) -> None:
    poll, (tea, coffee) = poll_of("Tea", "Coffee", **fields)
    cast(poll, *[Ballot.of(tea)] * 2, Ballot.of(coffee))

    results = results_shown(shown(poll))

    assert results is not None
    assert (results.verdict, words in guest().open(url_of("poll-results", poll)).text) == (words, True)


@each_way
def test_results_of_every_method_are_shown_and_have_a_table(way: Way) -> None:
    poll, ballots = way.open_poll()
    cast(poll, *ballots)

    for name in ("poll-detail", "poll-results"):
        page = guest().open(url_of(name, poll))
        assert (page.status, "The figures as a table" in page.text) == (200, True)
        assert "3 votes" in page.text or len(ballots) != 3


HIDDEN = {
    Visibility.AFTER_VOTE: "The results are shown after you vote, and to everyone once the poll is closed.",
    Visibility.AFTER_CLOSE: "The results are shown when the poll is closed.",
    Visibility.MANAGERS: "The results are shown to those who manage this poll.",
    Visibility.NEVER: "The results of this poll are not shown to anybody.",
}


@pytest.mark.parametrize("visibility", HIDDEN)
def test_hidden_results_say_why(visibility: Visibility) -> None:
    poll = PollFactory(visibility=visibility)
    cast(poll, Ballot.of(poll.options.all()[0].pk))

    for name in ("poll-detail", "poll-results", "poll-results-piece"):
        text = guest().open(url_of(name, poll)).text
        assert (HIDDEN[visibility] in text, "1 vote" in text, "%" in text) == (True, False, False)


def test_close_that_is_known_is_said_with_its_zone() -> None:
    expires_at = datetime(2099, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    poll = PollFactory(visibility=Visibility.AFTER_CLOSE, expires_at=expires_at, time_zone="Europe/Berlin")

    text = guest().open(url_of("poll-detail", poll)).text

    assert "The results are shown when the poll closes on July 1, 2099, noon (Europe/Berlin)." in text


def test_policy_of_the_host_hides_what_the_poll_does_not() -> None:
    class Closed(Policy):
        def sees_results(self, viewer: Voter | None, poll: Poll, **facts: object) -> bool:
            return False

    globals()["Closed"] = Closed
    with override_settings(DJANGO_POLLS_POLICY=f"{__name__}.Closed"):
        text = guest().open(url_of("poll-detail", PollFactory())).text

    assert "The results are hidden from you." in text


def test_poll_that_cannot_be_counted_says_so() -> None:
    poll = PollFactory()
    Poll.objects.filter(pk=poll.pk).update(method="gone")

    page = guest().open(url_of("poll-results", poll))

    assert "This site has no voting method gone now, which this poll needs." in page.text


class TestPiece:
    """The piece that renews itself."""

    def test_piece_is_sent_again_only_when_it_has_changed(self) -> None:
        poll = PollFactory()
        client, url = guest().client, url_of("poll-results-piece", poll)
        first = client.get(url)
        same = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
        cast(poll, Ballot.of(poll.options.all()[0].pk))
        changed = client.get(url, headers={"If-None-Match": f"W/{first.headers['ETag']}"})

        assert [(answer.status_code, bool(answer.content)) for answer in (first, same, changed)] == [
            (200, True),
            (304, False),
            (200, True),
        ]
        assert (first.headers["Cache-Control"], first.headers["X-Poll-Status"]) == ("private, no-cache", "open")
        assert first.headers["Vary"] == "Cookie, Accept-Language"
        assert "1 vote" in changed.content.decode()

    def test_page_asks_for_it_while_the_poll_is_open(self) -> None:
        poll, hidden = PollFactory(), PollFactory(visibility=Visibility.NEVER)
        asked = [url_of("poll-results-piece", each) for each in (poll, hidden)]
        contents = [guest().client.get(url_of("poll-detail", each)).content.decode() for each in (poll, hidden)]
        close_poll(poll)
        closed = guest().client.get(url_of("poll-detail", poll)).content.decode()

        assert [url in content for url, content in zip(asked, contents, strict=True)] == [True, True]
        assert asked[0] not in closed
        assert guest().client.get(asked[0]).headers["X-Poll-Status"] == "closed"


class TestVoters:
    """Names of voters, where the poll shows them and the site has any."""

    @pytest.fixture(autouse=True)
    def _named(self, settings: pytest.FixtureRequest) -> None:
        settings.DJANGO_POLLS_POLICY = f"{__name__}.Naming"  # type: ignore[attr-defined]

    def voters(self, poll: Poll) -> Page:
        return guest().open(url_of("poll-voters", poll))

    def test_voters_are_named_by_the_alphabet_and_never_with_their_choice(self) -> None:
        poll = PollFactory(shows_voters=True)
        for name, number in (("zoe", 0), ("Adam", 1), ("nameless", 0)):
            cast_vote(poll, Voter.from_user(UserFactory(username=name)), Ballot.of(poll.options.all()[number].pk))
        cast_vote(poll, Voter.from_address("192.0.2.9", poll), Ballot.of(poll.options.all()[0].pk))
        close_poll(poll)

        page = self.voters(poll)

        assert "Adam zoe 2 votes are by people whose names are not shown." in page.text
        assert "Option" not in page.text
        assert url_of("poll-voters", poll) in guest().open(url_of("poll-detail", poll)).links

    def test_names_have_pages(self) -> None:
        poll = PollFactory(shows_voters=True)
        for number in range(101):
            cast_vote(poll, Voter.from_user(UserFactory(username=f"v{number:03}")), Ballot.of(poll.options.all()[0].pk))
        close_poll(poll)

        first, second = self.voters(poll), guest().open(url_of("poll-voters", poll) + "?page=2")

        assert ("v099" in first.text, "v100" in first.text, "v100" in second.text) == (True, False, True)
        assert ("?page=2" in first.links, "?page=1" in second.links) == (True, True)

    def test_nobody_has_voted(self) -> None:
        poll = PollFactory(shows_voters=True)
        close_poll(poll)

        assert "Nobody has voted." in self.voters(poll).text

    def test_nobody_is_named_while_votes_come_in(self) -> None:
        """A new name beside a new figure would tell what somebody voted for."""
        poll = PollFactory(shows_voters=True)
        cast_vote(poll, Voter.from_user(UserFactory(username="adam")), Ballot.of(poll.options.all()[0].pk))

        page, detail = self.voters(poll), guest().open(url_of("poll-detail", poll))

        assert (page.status, "adam" in page.text) == (409, False)
        assert "This poll is not closed yet." in page.text
        assert url_of("poll-voters", poll) not in detail.links
        assert "Once the poll is closed, the names of those who voted are shown" in detail.text

    @pytest.mark.parametrize("fields", [{}, {"shows_voters": True, "visibility": Visibility.MANAGERS}])
    def test_names_are_hidden(self, fields: dict[str, object]) -> None:
        poll = PollFactory(**fields)
        cast_vote(poll, Voter.from_user(UserFactory(username="adam")), Ballot.of(poll.options.all()[0].pk))
        close_poll(poll)

        page = self.voters(poll)

        assert (page.status, "adam" in page.text) == (403, False)
        assert "You may not see the results of this poll now." in page.text
        assert url_of("poll-voters", poll) not in guest().open(url_of("poll-detail", poll)).links


class Naming(Policy):
    def display_name(self, user: AbstractBaseUser) -> str:
        """Everybody goes by their login but one."""
        return "" if user.get_username() == "nameless" else user.get_username()


def test_change_moves_the_own_mark() -> None:
    poll = PollFactory(vote_change=Until.CLOSE)
    user, (first, second) = UserFactory(), poll.options.all()
    cast_vote(poll, Voter.from_user(user), Ballot.of(first.pk))
    replace_vote(poll, Voter.from_user(user), Ballot.of(second.pk))

    results = results_shown(shown(poll, user))

    assert results is not None
    assert [(bar.text, bar.own) for bar in results.bars] == [("Option 2", "Your vote"), ("Option 1", "")]
