"""Stored outcomes in the admin: for those who may see the results, and nobody else."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from django_polls import lifecycle
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot, Mark
from django_polls.models import Poll, PollOutcome, Vote
from django_polls.models.counting import Reasons
from django_polls.models.polls import Visibility
from django_polls.voting import cast_vote
from tests.admin.people import logged_in, staff, superuser, url, vote
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db


def closed_poll(**fields: object) -> Poll:
    poll = PollFactory(**fields)
    for number in (0, 0, 1):
        vote(poll, number)
    return lifecycle.close_poll(poll)


def test_outcome_is_shown_option_by_option() -> None:
    poll = closed_poll()

    page = logged_in(superuser()).get(url("polloutcome_change", poll.pk)).content.decode()

    assert "<ul><li>Option 1: 2</li><li>Option 2: 1</li></ul>" in page


def shown(poll: Poll, user: User | None = None) -> str:
    """Return the page of a poll's outcome."""
    return logged_in(user or superuser()).get(url("polloutcome_change", poll.pk)).content.decode()


def test_outcome_is_told_in_sentences_with_what_decides_ties() -> None:
    poll = closed_poll(method="single")

    page = shown(poll)

    assert "<ol><li>Votes: Option 1 (2), Option 2 (1).</li><li>Option 1 wins.</li></ol>" in page
    assert '<div class="readonly">Single choice</div>' in page
    assert f'<div class="readonly">{bytes(poll.tie_seed or b"").hex()}</div>' in page
    assert f'<div class="readonly">{poll.tie_seed_hash}</div>' in page


def test_outcome_of_rankings_names_their_way_of_counting() -> None:
    poll = PollFactory(method="ranked")
    first, second = poll.options.all()
    for ranking in ((first, second), (first, second), (second, first)):
        marks = tuple(Mark(option.pk, rank=rank) for rank, option in enumerate(ranking, 1))
        cast_vote(poll, Voter.from_user(UserFactory()), Ballot(marks))
    lifecycle.close_poll(poll)

    page = shown(poll)

    assert '<div class="readonly">Ranked: put the options in order / Instant run-off</div>' in page
    assert "<ol><li>Round 1: Option 1 (2) is elected.</li><li>Option 1 wins.</li></ol>" in page


def test_outcome_of_scores_has_no_votes_of_options() -> None:
    poll = PollFactory(method="score")
    first, second = poll.options.all()
    ballot = Ballot((Mark(first.pk, score=Decimal(4)), Mark(second.pk, score=Decimal(1))))
    cast_vote(poll, Voter.from_user(UserFactory()), ballot)
    lifecycle.close_poll(poll)

    page = shown(poll)

    sentences = "<ol><li>Points: Option 1 (4), Option 2 (1).</li><li>Option 1 wins.</li></ol>"
    assert f'<div class="readonly">{sentences}</div>' in page
    assert "None" not in page


def test_text_of_an_option_is_no_markup() -> None:
    poll = PollFactory(options=0)
    drafts = [lifecycle.OptionDraft("<b>Tea</b>"), lifecycle.OptionDraft("Coffee")]
    lifecycle.edit_poll(poll, lifecycle.PollDraft(options=drafts))
    lifecycle.close_poll(poll)

    page = shown(poll)

    assert "<li>Votes: &lt;b&gt;Tea&lt;/b&gt; (0), Coffee (0).</li>" in page
    assert "<b>Tea</b>" not in page


def test_poll_from_before_seeds_shows_none() -> None:
    poll = closed_poll()
    Poll.objects.update(tie_seed=None)

    page = shown(poll)

    assert ["Option 1 wins." in page, "seed" in page.lower()] == [True, False]


def test_seed_of_a_poll_that_is_not_closed_is_a_secret() -> None:
    poll = closed_poll()
    Poll.objects.update(closed_at=None)

    page = shown(poll)

    assert bytes(poll.tie_seed or b"").hex() not in page


def test_outcome_that_nobody_sees_is_hidden_from_superusers_too() -> None:
    poll = closed_poll(visibility=Visibility.NEVER)

    response = logged_in(superuser()).get(url("polloutcome_change", poll.pk))

    page = response.content.decode()
    assert (response.status_code, "Hidden from you" in page, "Option 1" in page) == (200, True, False)
    assert PollOutcome.objects.get().body not in page
    secrets = (bytes(poll.tie_seed or b"").hex(), poll.tie_seed_hash, "wins", "Single choice", "tie_seed", "<ol>")
    assert [text for text in secrets if text in page.split("<footer")[0]] == []


def test_outcome_for_managers_is_hidden_from_staff_who_only_look() -> None:
    poll = closed_poll(visibility=Visibility.MANAGERS)
    people = [staff("view_polloutcome"), staff("view_polloutcome", "change_poll")]

    pages = [logged_in(user).get(url("polloutcome_change", poll.pk)).content.decode() for user in people]

    assert ["Option 1: 2" in page for page in pages] == [False, True]


AGREE, DISAGREE, ABSTAIN, BLOCK = range(4)


def closed_proposal(*reasons: tuple[int, str], **fields: object) -> Poll:
    """Return a proposal on which each of some users has given an answer with a reason."""
    draft = lifecycle.PollDraft({"title": "Proposal", "method": "yes_no", "reasons": Reasons.OPTIONAL} | fields)
    poll = lifecycle.create_poll(draft)
    answers = [option.pk for option in poll.options.all()]
    for answer, reason in reasons:
        cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(answers[answer]), reason=reason)
    return lifecycle.close_poll(poll)


def test_reasons_stand_under_their_answers_by_text_alone() -> None:
    poll = closed_proposal((BLOCK, "Never."), (AGREE, "Why not?"), (AGREE, "<i>Cheap</i>"), (DISAGREE, ""))

    page = shown(poll)

    agreed = "<li>Agree<ul><li>&lt;i&gt;Cheap&lt;/i&gt;</li><li>Why not?</li></ul></li>"
    assert f'<div class="readonly"><ul>{agreed}<li>Block<ul><li>Never.</li></ul></li></ul></div>' in page
    names = Vote.objects.filter(poll=poll).values_list("voter__username", flat=True)
    assert [name for name in names if name in page] == []


def test_reasons_that_nobody_gave_are_none() -> None:
    poll = closed_proposal((AGREE, ""))

    assert "Nobody gave a reason." in shown(poll)


def test_poll_that_takes_no_reasons_shows_none() -> None:
    poll = closed_proposal((AGREE, ""), reasons=Reasons.OFF)

    page = shown(poll)

    assert ["Agree wins." in page, "reason" in page.lower().replace("close_reason", "")] == [True, False]


def test_reasons_of_another_poll_are_not_shown() -> None:
    closed_proposal((AGREE, "Zanzibar"))
    poll = closed_proposal((AGREE, "Ouagadougou"))

    page = shown(poll)

    assert ["Zanzibar" in page, "Ouagadougou" in page] == [False, True]


def test_reasons_are_hidden_with_the_result() -> None:
    hidden = closed_proposal((BLOCK, "Zanzibar"), visibility=Visibility.NEVER)
    managed = closed_proposal((BLOCK, "Zanzibar"), visibility=Visibility.MANAGERS)
    people = [superuser(), staff("view_polloutcome"), staff("view_polloutcome", "change_poll")]

    pages = [[shown(poll, user) for user in people] for poll in (hidden, managed)]

    assert [["Zanzibar" in page for page in row] for row in pages] == [[False] * 3, [True, False, True]]
    assert [["Reasons" in page for page in row] for row in pages] == [[False] * 3, [True, False, True]]


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("given", "sentences"),
    [(200, []), (201, ["There is 1 more."]), (203, ["There are 3 more."])],
)
def test_reasons_beyond_two_hundred_are_a_number(given: int, sentences: list[str]) -> None:
    poll = closed_proposal(*((number % 2, f"Reason {number:03}") for number in range(given)))

    page = shown(poll)

    found = [text for text in ("There is 1 more.", "There are 3 more.") if text in page]
    assert (page.count("<li>Reason "), "Reason 200" in page, found) == (200, False, sentences)


@pytest.mark.parametrize("given", [1, 3])
def test_outcome_takes_the_same_statements_for_any_number_of_reasons(
    given: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    poll = closed_proposal(*((number, f"Reason {number}") for number in range(given)))
    client = logged_in(superuser())

    # Session, user, outcome, poll, the time, options of the result, reasons, their number, options they are for.
    with django_assert_num_queries(9):
        page = client.get(url("polloutcome_change", poll.pk)).content.decode()

    assert page.count("<li>Reason ") == given


@pytest.mark.parametrize("lookup", ["body__contains", "body", "poll__votes", "finalised_at__gte"])
def test_outcomes_list_filters_by_no_result(lookup: str) -> None:
    closed_poll(visibility=Visibility.NEVER)

    assert logged_in(superuser()).get(url("polloutcome_changelist"), {lookup: "2"}).status_code == 400


@pytest.mark.parametrize("polls", [1, 3])
def test_outcomes_list_takes_the_same_statements_for_any_number(
    polls: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    closed = {closed_poll(title=f"Poll {number}").pk for number in range(polls)}
    client = logged_in(superuser())

    with django_assert_num_queries(4):  # session, user, count, outcomes with their polls
        response = client.get(url("polloutcome_changelist"))

    assert {outcome.pk for outcome in response.context["cl"].result_list} == closed
