"""The rules of a poll on its page in the admin: how people vote, and what it takes to decide."""

import json

import pytest
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import Group
from django.test import Client

from django_polls import lifecycle
from django_polls.forms.freezing import WRITTEN
from django_polls.models import Poll
from tests.admin.people import (
    Response,
    errors,
    logged_in,
    options_form,
    poll_form,
    staff,
    stored,
    superuser,
    texts,
    url,
    vote,
    voted_form,
)
from tests.factories import PollFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

OPENED = "How votes are counted was fixed when the poll opened."
VOTED = "The first vote has fixed what people vote on, and by which rules."


@pytest.fixture
def client() -> Client:
    return logged_in(superuser())


def posted(client: Client, poll: Poll, form: dict[str, object]) -> Response:
    return client.post(url("poll_change", poll.pk), form)


def shown(response: Response) -> list[str]:
    """Return the names of the fields of a poll on the page, as often as they are there."""
    return list(flatten_fieldsets(response.context["adminform"].fieldsets))


def folded(response: Response) -> list[str]:
    """Return the headings of what the page folds up."""
    return [str(fieldset.name) for fieldset in response.context["adminform"] if fieldset.is_collapsible]


def places(poll: Poll) -> list[tuple[str, int | None]]:
    return [(option.text, option.capacity) for option in poll.options.all()]


class TestAdd:
    def test_page_has_every_field_once_and_folds_up_what_few_polls_need(self, client: Client) -> None:
        response = client.get(url("poll_add"))

        assert sorted(shown(response)) == sorted(WRITTEN)
        assert folded(response) == ["Rankings", "Scores", "Points", "Proposals"]
        page = response.content.decode()
        assert '<optgroup label="Ranked: put the options in order">' in page
        assert '<textarea name="grades"' in page
        labels = response.context["adminform"].form.fields.items()
        assert [name for name, field in labels if field.label and field.label[0].islower()] == []

    @pytest.mark.parametrize(
        "rules",
        [
            {
                "method": "ranked",
                "count": "stv",
                "seats": 2,
                "quota": "hare",
                "max_ranks": 3,
                "equal_ranks": True,
                "max_votes": 100,
                "final_ties": "declare",
                "allows_abstention": True,
                "allows_none_of_these": True,
            },
            {
                "method": "score",
                "count": "majority_judgment",
                "min_score": -1,
                "max_score": 1,
                "unscored_is_zero": False,
                "grades": "Bad\nFair\nGood",
                "quorum": 20,
                "pass_threshold": "2/3",
            },
            {"method": "dots", "points": 10, "max_points": 4, "must_spend_all": True},
        ],
        ids=lambda rules: rules["method"],
    )
    def test_poll_is_made_by_these_rules(self, rules: dict[str, object], client: Client) -> None:
        sent = {name: value for name, value in rules.items() if value is not False}
        form = {name: value for name, value in poll_form().items() if name in sent or name not in rules}

        client.post(url("poll_add"), form | options_form("Tea", "Coffee", "Milk") | sent)

        assert {name: getattr(Poll.objects.get(), name) for name in rules} == rules

    def test_quorum_may_be_a_share_of_groups(self, client: Client) -> None:
        group = Group.objects.create(name="Board")

        client.post(url("poll_add"), poll_form(electorate="groups", groups=[group.pk], quorum_share="1/2"))

        assert Poll.objects.get().quorum_share == "1/2"

    def test_grades_are_lines_whatever_browser_sends_them(self, client: Client) -> None:
        client.post(url("poll_add"), poll_form(method="score", max_score=1, grades="Bad\r\nGood\r\n"))

        assert Poll.objects.get().grade_words == {0: "Bad", 1: "Good"}
        assert Poll.objects.get().grades == "Bad\nGood"

    def test_options_have_places(self, client: Client) -> None:
        form = poll_form() | {"options-0-capacity": 12}

        client.post(url("poll_add"), form)

        assert places(Poll.objects.get()) == [("Tea", 12), ("Coffee", None)]

    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({"count": "schulze"}, {"count": ["This method has no such way of counting."]}),
            (
                {"count": "dice"},
                {"count": ["Select a valid choice. dice is not one of the available choices."]},
            ),
            ({"seats": 2}, {"seats": ["One option wins under this method."]}),
            ({"seats": 0}, {"seats": ["This must be at least 1."]}),
            ({"seats": ""}, {"seats": ["This field is required."]}),
            (
                {"quota": "half"},
                {"quota": ["Select a valid choice. half is not one of the available choices."]},
            ),
            (
                {"method": "ranked", "count": "stv", "seats": 2},
                {"seats": ["Fewer options must win than there are."]},
            ),
            (
                {"method": "ranked", "max_ranks": 1, "min_options": 2},
                {"max_ranks": ["This must be at least one, and not less than the least options."]},
            ),
            (
                {"method": "score", "min_score": 5},
                {"max_score": ["The highest score must be above the lowest one."]},
            ),
            ({"method": "score", "grades": "Bad\r\nGood"}, {"grades": ["Give one word for each score."]}),
            ({"method": "dots"}, {"points": ["Say how many points each voter has."]}),
            (
                {"method": "dots", "points": 9, "max_points": 4, "must_spend_all": "on"},
                {"max_points": ["Nobody could give all points."]},
            ),
            ({"reasons": "required"}, {"reasons": ["Reasons are given to a proposal."]}),
            (
                {"quorum": 2, "quorum_share": "1/2"},
                {"quorum_share": ["The quorum is a number or a share, not both."]},
            ),
            ({"quorum_share": "1/2"}, {"quorum_share": ["How many may vote is known of groups alone."]}),
            (
                {"pass_threshold": "3/2"},
                {"pass_threshold": ["Give a share such as 2/3 or 0.6: more than 0, and 1 at most."]},
            ),
            ({"max_votes": 0}, {"max_votes": ["This must be at least 1."]}),
            (
                {"method": "ranked", "options-0-capacity": 3},
                {"__all__": ["Under this method an option has no places that could be taken."]},
            ),
        ],
        ids=str,
    )
    def test_refusal_is_an_error_of_its_field(
        self, changes: dict[str, object], found: dict[str, list[str]], client: Client
    ) -> None:
        before = stored()

        response = client.post(url("poll_add"), poll_form() | changes)

        assert (response.status_code, errors(response), stored()) == (200, found, before)

    def test_group_with_an_error_is_not_folded_up(self, client: Client) -> None:
        response = client.post(url("poll_add"), poll_form(method="dots"))

        assert folded(response) == ["Rankings", "Scores", "Proposals"]

    def test_proposal_gets_its_options_where_none_are_written(self, client: Client) -> None:
        form = poll_form(method="yes_no", reasons="required_for_disagree") | options_form("", "")

        response = client.post(url("poll_add"), form)

        poll = Poll.objects.get()
        assert response.headers["Location"] == url("poll_changelist")
        assert (poll.method, poll.reasons) == ("yes_no", "required_for_disagree")
        assert texts(poll) == ["Agree", "Disagree", "Abstain", "Block"]

    def test_proposal_may_have_words_of_its_own(self, client: Client) -> None:
        words = ["Yes", "No", "Whatever", "Never"]

        client.post(url("poll_add"), poll_form(method="yes_no") | options_form(*words))

        assert texts(Poll.objects.get()) == words

    def test_poll_of_another_method_gets_no_options(self, client: Client) -> None:
        response = client.post(url("poll_add"), poll_form() | options_form("", ""))

        assert errors(response) == {"__all__": ["A poll needs at least two options."]}

    def test_option_without_any_place_is_an_error_of_its_row(self, client: Client) -> None:
        response = client.post(url("poll_add"), poll_form() | {"options-1-capacity": 0})

        [options] = response.context["inline_admin_formsets"]
        assert options.formset.errors == [{}, {"capacity": ["This must be at least 1."]}]
        assert Poll.objects.count() == 0


class TestOpenPoll:
    def test_page_shows_how_votes_are_counted_and_that_it_is_fixed(self, client: Client) -> None:
        poll = PollFactory(method="ranked", count="schulze")

        response = client.get(url("poll_change", poll.pk))

        form = response.context["adminform"].form
        assert form.fields.keys() == WRITTEN - lifecycle.BINDING_FIELDS | {"known_revision"}
        page = response.content.decode()
        found = [text in page for text in (OPENED, "Ranked: put the options in order", "Schulze: options compared")]
        assert found == [True, True, True]
        [options] = response.context["inline_admin_formsets"]
        assert (options.has_add_permission, options.has_change_permission, options.has_delete_permission) == (True,) * 3

    def test_all_else_may_change_until_the_first_vote(self, client: Client) -> None:
        poll = PollFactory(method="score", max_score=2)
        form = poll_form(poll, title="Better", max_score=1, grades="Bad\nGood", max_votes=9)
        form |= {"options-TOTAL_FORMS": 3, "options-2-text": "New"}

        response = posted(client, poll, form)

        edited = Poll.objects.get()
        assert response.headers["Location"] == url("poll_changelist")
        assert (edited.title, edited.max_score, edited.grades, edited.max_votes) == ("Better", 1, "Bad\nGood", 9)
        assert (edited.method, texts(edited)) == ("score", ["Option 1", "Option 2", "New"])

    @pytest.mark.parametrize("name", sorted(lifecycle.BINDING_FIELDS))
    def test_forged_field_changes_nothing(self, name: str, client: Client) -> None:
        poll = PollFactory()
        forged = {"method": "approval", "quota": "hare", "final_ties": "declare", "quorum_share": "1/2"}
        before = stored()

        response = posted(client, poll, poll_form(poll) | {name: forged.get(name, "2")})

        assert (response.status_code, errors(response), stored()) == (200, {"__all__": [OPENED]}, before)

    def test_error_of_a_fixed_field_is_above_the_form(self, client: Client) -> None:
        group = Group.objects.create(name="Board")
        poll = PollFactory(electorate="groups", quorum_share="1/2")
        poll.groups.set([group])
        poll.refresh_from_db()

        response = posted(client, poll, poll_form(poll, electorate="anyone"))

        assert errors(response) == {"__all__": ["How many may vote is known of groups alone."]}

    @pytest.mark.parametrize("method", ["single", "yes_no"])
    def test_options_are_not_taken_away_all_together(self, method: str, client: Client) -> None:
        poll = PollFactory(method=method, options=4)
        before = stored()

        response = posted(client, poll, poll_form(poll) | {f"options-{number}-DELETE": "on" for number in range(4)})

        assert (errors(response), stored()) == ({"__all__": ["A poll needs at least two options."]}, before)

    def test_option_takes_places(self, client: Client) -> None:
        poll = PollFactory()

        posted(client, poll, poll_form(poll) | {"options-1-capacity": 7})

        assert places(poll) == [("Option 1", None), ("Option 2", 7)]


@pytest.mark.parametrize("schedule", [{"is_draft": "on"}, {"opens_at_0": "2999-01-01", "opens_at_1": "12:00:00"}])
def test_poll_that_is_not_open_yet_may_be_counted_otherwise(schedule: dict[str, object], client: Client) -> None:
    client.post(url("poll_add"), poll_form() | schedule)
    poll = Poll.objects.get()

    response = posted(client, poll, poll_form(poll, method="ranked", count="borda", final_ties="declare") | schedule)

    edited = Poll.objects.get()
    assert response.headers["Location"] == url("poll_changelist")
    assert (edited.method, edited.count, edited.final_ties) == ("ranked", "borda", "declare")


class TestVotedPoll:
    @pytest.mark.parametrize("name", ["count", "grades", "max_votes", "reasons", "allows_abstention", "quorum"])
    def test_forged_rule_changes_nothing(self, name: str, client: Client) -> None:
        poll = PollFactory()
        vote(poll)
        before = stored()

        response = posted(client, poll, voted_form(poll) | {name: "1"})

        assert (errors(response), stored()) == ({"__all__": [VOTED]}, before)

    def test_forged_places_change_nothing(self, client: Client) -> None:
        poll = PollFactory()
        poll.options.update(capacity=5)
        vote(poll)
        options = {key: value for key, value in poll_form(poll).items() if key.startswith("options-")}

        posted(client, poll, voted_form(poll) | options | {"options-0-capacity": 9})

        assert places(poll) == [("Option 1", 5), ("Option 2", 5)]

    def test_added_option_has_places_and_the_others_keep_theirs(self, client: Client) -> None:
        poll = PollFactory(accepts_new_options=True)
        poll.options.update(capacity=5)
        vote(poll)
        options = {key: value for key, value in poll_form(poll).items() if key.startswith("options-")}
        options |= {"options-TOTAL_FORMS": 3, "options-2-text": "Added", "options-2-capacity": 3}

        response = posted(client, poll, voted_form(poll) | options)

        assert response.headers["Location"] == url("poll_changelist")
        assert places(poll) == [("Option 1", 5), ("Option 2", 5), ("Added", 3)]


def test_whoever_may_only_look_reads_names_and_no_keys() -> None:
    poll = PollFactory(is_draft=False, method="score")

    response = logged_in(staff("view_poll")).get(url("poll_change", poll.pk))

    assert sorted(shown(response)) == sorted(
        WRITTEN - {"method", "count"}
        | {"method_name", "count_name", "status_now", "tally", "created_by", "created_at", "opened_at"}
        | {"closed_at", "closed_by", "close_reason"}
    )
    page = response.content.decode()
    assert ["Score: give each option a score" in page, "Sum of the scores" in page] == [True, True]


def test_new_poll_begins_with_empty_metadata() -> None:
    response = logged_in(superuser()).get(url("poll_add"))

    assert json.loads(response.context["adminform"].form["metadata"].value()) == {}
