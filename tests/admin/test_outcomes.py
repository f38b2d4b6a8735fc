"""Stored outcomes in the admin: for those who may see the results, and nobody else."""

import pytest
from pytest_django import DjangoAssertNumQueries

from django_polls import lifecycle
from django_polls.models import Poll, PollOutcome
from django_polls.models.polls import Visibility
from tests.admin.people import logged_in, staff, superuser, url, vote
from tests.factories import PollFactory

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


def test_outcome_that_nobody_sees_is_hidden_from_superusers_too() -> None:
    poll = closed_poll(visibility=Visibility.NEVER)

    response = logged_in(superuser()).get(url("polloutcome_change", poll.pk))

    page = response.content.decode()
    assert (response.status_code, "Hidden from you" in page, "Option 1" in page) == (200, True, False)
    assert PollOutcome.objects.get().body not in page


def test_outcome_for_managers_is_hidden_from_staff_who_only_look() -> None:
    poll = closed_poll(visibility=Visibility.MANAGERS)
    people = [staff("view_polloutcome"), staff("view_polloutcome", "change_poll")]

    pages = [logged_in(user).get(url("polloutcome_change", poll.pk)).content.decode() for user in people]

    assert ["Option 1: 2" in page for page in pages] == [False, True]


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
