"""A paper says how it is filled in, offers what the poll takes, and shows what was marked."""

import pytest

from django_polls.forms.papers import Paper
from django_polls.methods.approval import Approval
from django_polls.models import Poll, Vote
from tests.factories import PollFactory
from tests.pages.conftest import guest, url_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def paper(poll: Poll) -> Paper:
    """Return the paper on a poll's page."""
    found: Paper = guest().client.get(url_of("poll-detail", poll)).context["paper"]
    return found


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({}, "Choose one."),
        ({"method": "approval"}, "Choose as many as you like."),
        ({"method": "approval", "min_options": 2}, "Choose at least 2."),
        ({"method": "approval", "min_options": 2, "max_options": 2}, "Choose exactly 2."),
        ({"method": "approval", "min_options": 0, "max_options": 3}, "Choose up to 3."),
        ({"method": "approval", "max_options": 3}, "Choose 1 to 3."),
        (
            {"method": "ranked"},
            "Give your favourite place 1, the next one place 2, and so on. You may leave options without a place.",
        ),
        (
            {"method": "ranked", "equal_ranks": True},
            "Give your favourite place 1, and so on. Options may share a place, and may go without one.",
        ),
        ({"method": "score"}, "Score each option, from 0 (worst) to 5 (best)."),
        (
            {"method": "score", "max_score": 1, "grades": "Bad\nGood"},
            "Score each option, from Bad (worst) to Good (best).",
        ),
        ({"method": "dots", "points": 6}, "You have 6 points to give."),
        ({"method": "dots", "points": 1}, "You have 1 point to give."),
        ({"method": "dots", "points": 6, "must_spend_all": True}, "Give all of your 6 points."),
    ],
)
def test_advice(fields: dict[str, object], advice: str) -> None:
    poll = PollFactory(options=3, **fields)

    assert (paper(poll).advice, advice in guest().open(url_of("poll-detail", poll)).text) == (advice, True)


def test_scores_are_chosen_where_they_are_few_and_typed_where_they_are_many() -> None:
    few, many = PollFactory(method="score", min_score=-1, max_score=1), PollFactory(method="score", max_score=100)

    assert paper(few).scores == [(-1, "-1"), (0, "0"), (1, "1")]
    assert paper(many).scores == []
    assert 'type="number"' in guest().client.get(url_of("poll-detail", many)).content.decode()


def test_places_are_as_many_as_the_poll_ranks() -> None:
    assert list(paper(PollFactory(method="ranked", options=4)).places) == [1, 2, 3, 4]
    assert list(paper(PollFactory(method="ranked", options=4, max_ranks=2)).places) == [1, 2]


def test_places_that_are_limited_are_told() -> None:
    poll = PollFactory()
    poll.options.update(capacity=1)

    assert guest().open(url_of("poll-detail", poll)).text.count("1 place") == 2


def test_empty_ballot_is_a_vote_where_the_poll_takes_it() -> None:
    poll = PollFactory(method="approval", min_options=0)
    browser = guest()

    page = browser.send(browser.open(url_of("poll-detail", poll)), url_of("poll-vote", poll))

    assert "You have voted. You left the ballot empty." in page.text


def test_vote_whose_ballot_nobody_can_tell_is_shown_as_a_vote_alone() -> None:
    poll = PollFactory()
    browser = guest()
    browser.send(
        browser.open(url_of("poll-detail", poll)), url_of("poll-vote", poll), {"option": str(poll.options.first().pk)}
    )
    # As a poll that keeps secret who voted what will store it.
    Vote.objects.update(ballot=None)

    text = browser.open(url_of("poll-detail", poll)).text

    assert ("You have voted." in text, "Your vote Your vote" in text) == (True, False)


def test_method_of_a_host_with_ballots_of_its_own_is_shown_as_choices(settings: pytest.FixtureRequest) -> None:
    settings.DJANGO_POLLS_METHODS = ["tests.pages.test_papers.Stamps"]  # type: ignore[attr-defined]
    poll = PollFactory()
    Poll.objects.filter(pk=poll.pk).update(method="stamps")

    page = guest().open(url_of("poll-detail", poll))

    assert (page.status, paper(poll).kind, paper(poll).advice) == (200, "option_ids", "Choose as many as you like.")


class Stamps(Approval):
    """A method whose ballots come in a member that no form knows."""

    key = "stamps"
    fields = ("stamps",)
