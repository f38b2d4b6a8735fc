"""Polls in the admin: written by the verbs, with every refusal on the page."""

import csv
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from django_polls import lifecycle
from django_polls.admin.polls import PollAdmin
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot as BallotValue
from django_polls.models import Ballot, Mark, Poll, PollOption, Vote
from django_polls.models.clock import database_now
from django_polls.models.polls import Electorate, Visibility
from django_polls.voting import cast_vote
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
from tests.factories import PollFactory, UserFactory
from tests.ways import scored

pytestmark = pytest.mark.django_db

NEXT_YEAR = datetime(datetime.now(UTC).year + 1, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def client() -> Client:
    return logged_in(superuser())


def date_and_time(name: str, moment: datetime) -> dict[str, object]:
    return {f"{name}_0": f"{moment:%Y-%m-%d}", f"{name}_1": f"{moment:%H:%M:%S}"}


def said(response: Response) -> list[tuple[str, str]]:
    return [(message.level_tag, message.message) for message in get_messages(response.wsgi_request)]


def changed(client: Client, poll: Poll, form: dict[str, object]) -> Response:
    return client.post(url("poll_change", poll.pk), form)


class TestList:
    def test_votes_are_shown_where_results_are(self, client: Client) -> None:
        for visibility in Visibility:
            vote(PollFactory(title=visibility.value, visibility=visibility))
        by_staff = logged_in(staff("view_poll"))

        shown = [
            {poll.title: poll.votes_shown for poll in people.get(url("poll_changelist")).context["cl"].result_list}
            for people in (client, by_staff)
        ]

        hidden = {"after_vote": None, "after_close": None, "never": None}
        assert shown == [{"always": 1, "managers": 1} | hidden, {"always": 1, "managers": None} | hidden]

    @pytest.mark.parametrize("polls", [2, 6, 300])
    def test_statements_are_the_same_for_any_number(
        self, polls: int, client: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        voter = Voter.from_user(UserFactory())
        for visibility in polls // 2 * [Visibility.AFTER_VOTE, Visibility.ALWAYS]:
            poll = PollFactory(created_by=UserFactory(), visibility=visibility)
            cast_vote(poll, voter, BallotValue.of(poll.options.all()[0].pk))

        # Session, user, count, polls with creators, options, who has voted, stored outcomes, ballots.
        with django_assert_num_queries(8):
            response = client.get(url("poll_changelist"))

        assert len(response.context["cl"].result_list) == min(polls, PollAdmin.list_per_page)

    def test_deadline_is_told_by_the_time_left(self, client: Client) -> None:
        soon = database_now() + timedelta(days=3, hours=1)
        PollFactory(title="timed", expires_at=soon)
        PollFactory(title="closed by hand")
        PollFactory(title="scheduled", opens_at=soon, expires_at=soon + timedelta(days=1))

        page = client.get(url("poll_changelist")).content.decode()

        rows = re.findall(r"/change/[^>]*>([^<]+)</a></th>.*?field-closing[^>]*>([^<]*)<", page, re.DOTALL)
        assert dict(rows) == {"timed": "in 3\xa0days", "closed by hand": "-", "scheduled": "-"}

    def test_filters_find_polls_by_status_and_method(self, client: Client) -> None:
        past, future = database_now() - timedelta(hours=1), database_now() + timedelta(hours=1)
        PollFactory(title="draft", is_draft=True)
        PollFactory(title="scheduled", opens_at=future)
        PollFactory(title="open", method="approval")
        PollFactory(title="closed", expires_at=past, opens_at=past - timedelta(hours=1))

        def found(**query: str) -> set[str]:
            return {poll.title for poll in client.get(url("poll_changelist"), query).context["cl"].result_list}

        assert [found(status=status) for status in ("draft", "scheduled", "open", "closed")] == [
            {"draft"},
            {"scheduled"},
            {"open"},
            {"closed"},
        ]
        assert (found(method="approval"), found(q="sched"), len(found(status="?"))) == ({"open"}, {"scheduled"}, 4)

    @pytest.mark.parametrize(
        "lookup",
        [
            "ballots",
            "ballots__counted__gt",
            "votes__isnull",
            "votes",
            "address_key__gte",
            "options__marks__ballot",
            "id",
        ],
    )
    def test_filters_by_no_vote_and_no_secret(self, lookup: str, client: Client) -> None:
        assert client.get(url("poll_changelist"), {lookup: "1"}).status_code == 400

    def test_poll_of_a_method_that_is_gone_is_listed_without_votes(self, client: Client) -> None:
        vote(PollFactory())
        Poll.objects.update(method="gone")

        [poll] = client.get(url("poll_changelist")).context["cl"].result_list

        assert (poll.votes_shown, client.get(url("poll_change", poll.pk)).status_code) == (None, 200)

    def test_staff_sees_no_drafts_of_others(self) -> None:
        user = staff("view_poll")
        PollFactory(title="draft", is_draft=True)
        mine = PollFactory(title="mine", is_draft=True, created_by=user)

        listed = logged_in(user).get(url("poll_changelist")).context["cl"].result_list

        assert list(listed) == [mine]


class TestAdd:
    def test_poll_is_made_by_the_verb(self) -> None:
        user = superuser()
        group = Group.objects.create(name="Board")
        form = poll_form(title="  Lunch? ", method="approval", electorate="groups", groups=[group.pk])
        form |= options_form("Soup", "Bread", "", **{"options-0-position": 7, "options-1-position": 3})

        response = logged_in(user).post(url("poll_add"), form)

        poll = Poll.objects.get()
        assert response.headers["Location"] == url("poll_changelist")
        assert (poll.title, poll.method, poll.created_by) == ("Lunch?", "approval", user)
        assert (poll.electorate, list(poll.groups.all())) == (Electorate.GROUPS, [group])
        assert (texts(poll), poll.is_active, poll.opened_at is not None) == (["Bread", "Soup"], True, True)
        assert LogEntry.objects.get().object_id == str(poll.pk)

    def test_page_offers_two_options_and_the_registered_methods(self, client: Client) -> None:
        response = client.get(url("poll_add"))

        [options] = response.context["inline_admin_formsets"]
        assert len(options.formset.forms) == 2
        assert response.context["adminform"].form.fields["method"].choices == [
            ("single", "Single choice"),
            ("approval", "Approval: pick any"),
            ("ranked", "Ranked: put the options in order"),
            ("score", "Score: give each option a score"),
            ("dots", "Dots: deal out points"),
            ("yes_no", "Proposal: agree, disagree, abstain or block"),
        ]

    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({"title": " "}, {"title": ["This field is required."]}),
            (options_form("Tea"), {"__all__": ["A poll needs at least two options."]}),
            (options_form("Tea", "TEA"), {"__all__": ["Two options have the same text."]}),
            ({"min_options": 3}, {"min_options": ["The poll has fewer options than this."]}),
            (
                {"max_options": 0},
                {"max_options": ["The most options must not be fewer than the least, nor none."]},
            ),
            (
                {"electorate": "permission"},
                {"permission": ["Name the permission that voters hold, as app_label.codename."]},
            ),
            ({"electorate": "groups"}, {"groups": ["Name the groups whose members may vote."]}),
            (
                date_and_time("expires_at", datetime(2020, 1, 1, tzinfo=UTC)),
                {"expires_at": ["This time has passed."]},
            ),
            (
                date_and_time("opens_at", NEXT_YEAR) | date_and_time("expires_at", NEXT_YEAR),
                {"expires_at": ["The poll must expire after it opens."]},
            ),
            (
                {"method": "dice"},
                {"method": ["Select a valid choice. dice is not one of the available choices."]},
            ),
            ({"title": "a\u202eb"}, {"title": ["The character U+202E is not allowed here."]}),
        ],
        ids="-".join,
    )
    def test_refusal_is_an_error_of_the_form(
        self, changes: dict[str, object], found: dict[str, list[str]], client: Client
    ) -> None:
        before = stored()

        response = client.post(url("poll_add"), poll_form() | changes)

        assert (response.status_code, errors(response), stored()) == (200, found, before)

    @pytest.mark.parametrize(
        "metadata",
        [
            "[1]",
            '"text"',
            '{"a": "\\u0000"}',
            '{"a": "\\ud800"}',
            '{"a": NaN}',
            "[" * 100_000,
            '{"a":' * 17 + "1" + "}" * 17,
        ],
        ids=["list", "text", "nul", "surrogate", "nan", "brackets", "deep"],
    )
    def test_metadata_that_cannot_be_stored_is_an_error_of_the_form(self, metadata: str, client: Client) -> None:
        before = stored()

        response = client.post(url("poll_add"), poll_form(metadata=metadata))

        found = {"metadata": ["Write a JSON object of plain values."]}
        assert (response.status_code, errors(response), stored()) == (200, found, before)

    @pytest.mark.parametrize(("metadata", "kept"), [("", {}), ("null", {}), ('{"a": "[{"}', {"a": "[{"})])
    def test_metadata_is_kept(self, metadata: str, kept: dict[str, object], client: Client) -> None:
        client.post(url("poll_add"), poll_form(metadata=metadata))

        assert Poll.objects.get().metadata == kept


class TestChange:
    def test_poll_without_votes_may_change_whole(self, client: Client) -> None:
        poll = PollFactory(options=3)
        first, second, third = poll.options.all()
        form = poll_form(poll, title="Better", visibility="never", is_draft="on")
        form |= {"options-0-text": second.text, "options-1-text": first.text, "options-2-DELETE": "on"}
        form |= {"options-TOTAL_FORMS": 4, "options-3-text": "New", "options-3-position": 0}

        response = changed(client, poll, form)

        edited = Poll.objects.get()
        assert response.headers["Location"] == url("poll_changelist")
        assert (edited.title, edited.visibility, edited.is_draft) == ("Better", "never", True)
        assert [(option.text, option.pk) for option in edited.options.all()] == [
            ("Option 2", first.pk),
            ("New", edited.options.get(text="New").pk),
            ("Option 1", second.pk),
        ]
        assert not PollOption.objects.filter(pk=third.pk).exists()
        [entry] = LogEntry.objects.all()
        assert json.loads(entry.change_message)[0]["changed"]["fields"] == ["Title", "Draft", "Visibility of results"]

    def test_page_of_an_old_revision_is_refused(self, client: Client) -> None:
        poll = PollFactory()
        form = poll_form(poll, title="Mine")
        lifecycle.edit_poll(poll, lifecycle.PollDraft({"title": "Theirs"}))
        before = stored()

        found = [errors(changed(client, poll, form | {"known_revision": revision})) for revision in (1, "", "x")]

        sentence = "This poll was edited meanwhile. Look at it again."
        assert found[:2] == [{"__all__": [sentence]}] * 2
        assert (found[2], stored()) == ({"known_revision": ["Enter a whole number."]}, before)

    def test_voted_poll_shows_what_is_fixed_and_why(self, client: Client) -> None:
        poll = PollFactory()
        vote(poll)

        response = client.get(url("poll_change", poll.pk))

        form = response.context["adminform"].form
        assert set(form.fields) == {
            "visibility",
            "shows_voters",
            "time_zone",
            "correction",
            "expires_at",
            "metadata",
            "known_revision",
        }
        assert "The first vote has fixed what people vote on, and by which rules." in response.content.decode()
        [options] = response.context["inline_admin_formsets"]
        assert (options.has_add_permission, options.has_change_permission, options.has_delete_permission) == (
            False,
        ) * 3

    def test_voted_poll_takes_a_correction_and_a_stricter_visibility(self, client: Client) -> None:
        poll = PollFactory()
        vote(poll)
        before = stored()

        response = changed(client, poll, voted_form(poll, correction="Tea is black tea.", visibility="after_close"))

        edited = Poll.objects.get()
        assert response.headers["Location"] == url("poll_changelist")
        assert (edited.correction, edited.visibility) == ("Tea is black tea.", Visibility.AFTER_CLOSE)
        assert {name: rows for name, rows in stored().items() if name not in {"Poll", "LogEntry"}} == {
            name: rows for name, rows in before.items() if name not in {"Poll", "LogEntry"}
        }

    def test_voted_poll_takes_a_later_deadline(self, client: Client) -> None:
        poll = PollFactory(expires_at=NEXT_YEAR - timedelta(days=1))
        vote(poll)

        changed(client, poll, voted_form(poll, **date_and_time("expires_at", NEXT_YEAR)))

        assert Poll.objects.get().expires_at == NEXT_YEAR

    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({"visibility": "always"}, {"__all__": ["This can no longer be changed: visibility."]}),
            (
                date_and_time("expires_at", NEXT_YEAR - timedelta(days=2)),
                {"__all__": ["This can no longer be changed: expires_at."]},
            ),
            (
                date_and_time("expires_at", datetime(2020, 1, 1, tzinfo=UTC)),
                {"__all__": ["This can no longer be changed: expires_at."]},
            ),
        ],
    )
    def test_voted_poll_refuses_what_would_break_a_promise(
        self, changes: dict[str, object], found: dict[str, list[str]], client: Client
    ) -> None:
        deadline = NEXT_YEAR - timedelta(days=1)
        poll = PollFactory(visibility=Visibility.AFTER_CLOSE, expires_at=deadline)
        vote(poll)
        before = stored()

        response = changed(client, poll, voted_form(poll, **date_and_time("expires_at", deadline) | changes))

        assert (response.status_code, errors(response), stored()) == (200, found, before)
        assert "visibility" in response.context["adminform"].form.fields

    def test_forged_fields_of_a_voted_poll_change_nothing(self, client: Client) -> None:
        poll = PollFactory()
        vote(poll)
        before = stored()
        forged = poll_form(poll, title="Forged", method="approval", **{"options-0-text": "Forged"})

        names = ("title", "description", "method", "min_options", "permission", "vote_change", "opens_at_0")
        forms = [voted_form(poll) | {name: forged.get(name, "2020-01-01")} for name in names]
        found = [errors(changed(client, poll, form)) for form in forms]

        assert found == [{"__all__": ["The first vote has fixed what people vote on, and by which rules."]}] * 7
        assert (changed(client, poll, forged).status_code, stored()) == (200, before)

    def test_forged_options_of_a_voted_poll_change_nothing(self, client: Client) -> None:
        poll = PollFactory()
        vote(poll)
        first, second = poll.options.all()
        options = {key: value for key, value in poll_form(poll).items() if key.startswith("options-")}
        options |= {
            "options-0-text": "Forged",
            "options-1-DELETE": "on",
            "options-TOTAL_FORMS": 3,
            "options-2-text": "Added",
        }

        changed(client, poll, voted_form(poll) | options)

        assert [(option.pk, option.text) for option in poll.options.all()] == [
            (first.pk, "Option 1"),
            (second.pk, "Option 2"),
        ]

    def test_voted_poll_that_accepts_options_takes_them_and_nothing_else(self, client: Client) -> None:
        poll = PollFactory(accepts_new_options=True)
        vote(poll)
        first, second = poll.options.all()
        options = {key: value for key, value in poll_form(poll).items() if key.startswith("options-")}
        options |= {"options-0-text": "Forged", "options-1-DELETE": "on", "options-TOTAL_FORMS": 3}
        options |= {"options-2-text": "Added", "options-2-position": 0}

        response = changed(client, poll, voted_form(poll) | options)

        assert response.status_code == 302
        assert texts(poll) == ["Option 1", "Option 2", "Added"]
        assert [option.pk for option in poll.options.all()[:2]] == [first.pk, second.pk]

    def test_closed_poll_takes_a_correction_alone(self, client: Client) -> None:
        poll = lifecycle.close_poll(PollFactory(expires_at=NEXT_YEAR, accepts_new_options=True))
        page = client.get(url("poll_change", poll.pk))

        changed(client, poll, voted_form(poll, correction="Counted by hand as well."))
        forged = changed(client, poll, voted_form(poll) | {"title": "Forged"})

        kept = Poll.objects.get()
        assert (kept.correction, kept.title) == ("Counted by hand as well.", poll.title)
        assert set(page.context["adminform"].form.fields) == {
            "visibility",
            "shows_voters",
            "time_zone",
            "correction",
            "metadata",
            "known_revision",
        }
        assert errors(forged) == {"__all__": ["This poll is closed: only a correction may still be added to it."]}

    def test_error_leaves_the_page_as_editable_as_it_was(self, client: Client) -> None:
        poll = PollFactory()
        past = date_and_time("expires_at", datetime(2020, 1, 1, tzinfo=UTC))

        response = changed(client, poll, poll_form(poll, **past))

        assert errors(response) == {"expires_at": ["This time has passed."]}
        assert "title" in response.context["adminform"].form.fields
        assert response.context["inline_admin_formsets"][0].has_change_permission is True

    @pytest.mark.parametrize("options", [2, 9])
    def test_statements_are_the_same_for_any_number_of_options(
        self, options: int, client: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        poll = PollFactory(options=options)

        # Session, user, a savepoint and its end, the poll with its options, options for the inline, groups; and for the
        # tally stored outcomes and ballots.
        with django_assert_num_queries(9):
            client.get(url("poll_change", poll.pk))

    def test_subclass_of_a_host_may_have_more_on_the_page(self) -> None:
        group = Group.objects.create(name="Board")
        rows: dict[str, object] = {"Poll_groups-TOTAL_FORMS": 1, "Poll_groups-INITIAL_FORMS": 0}
        request = RequestFactory().post("/", poll_form() | rows | {"Poll_groups-0-group": group.pk})
        request.user = superuser()
        vars(request).update(_dont_enforce_csrf_checks=True, _messages=Messages())

        response = HostAdmin(Poll, admin.site).add_view(request)

        assert (response.status_code, list(Poll.objects.get().groups.all())) == (302, [group])


class GroupInline(admin.TabularInline):  # type: ignore[type-arg]  # it takes no parameters at run time
    model = Poll.groups.through


class HostAdmin(PollAdmin):
    inlines = (*PollAdmin.inlines, GroupInline)  # type: ignore[assignment]  # one more


class Messages:
    """The messages of a request that went through no middleware."""

    def add(self, level: int, message: str, extra_tags: str) -> None:
        """Forget it."""


class TestOpenAndClose:
    def test_actions_do_it_to_each_poll_and_say_so(self) -> None:
        user = superuser()
        client = logged_in(user)
        draft, running = PollFactory(title="Draft", is_draft=True), PollFactory(title="Running")
        both = {"_selected_action": [draft.pk, running.pk]}

        opened = client.post(url("poll_changelist"), {"action": "open_polls"} | both)
        closed = client.post(url("poll_changelist"), {"action": "close_polls"} | both)
        again = client.post(url("poll_changelist"), {"action": "close_polls"} | both)

        assert sorted(said(opened)) == [
            ("error", "Running: This poll is open already."),
            ("success", "Draft: It is open for votes now."),
        ]
        assert sorted(said(closed)[2:]) == [
            ("success", "Draft: It is closed for good."),
            ("success", "Running: It is closed for good."),
        ]
        assert set(said(again)[4:]) == {
            ("error", "Draft: This poll is closed."),
            ("error", "Running: This poll is closed."),
        }
        assert [(poll.closed_by, poll.status) for poll in Poll.objects.all()] == [(user, "closed")] * 2
        assert LogEntry.objects.count() == 3

    def test_buttons_of_the_page_open_and_close(self) -> None:
        user = superuser()
        client = logged_in(user)
        poll = PollFactory(opens_at=NEXT_YEAR)
        addresses = {name: url(f"poll_{name}", poll.pk) for name in ("open", "close")}

        def buttons() -> list[str]:
            page = client.get(url("poll_change", poll.pk)).content.decode()
            return [name for name, address in addresses.items() if f'action="{address}"' in page]

        seen = [buttons()]
        opened = client.post(addresses["open"])
        seen.append(buttons())
        closed = client.post(addresses["close"], {"reason": "All have voted."})
        seen.append(buttons())

        assert seen == [["open", "close"], ["close"], []]
        assert [response.headers["Location"] for response in (opened, closed)] == [url("poll_change", poll.pk)] * 2
        kept = Poll.objects.get()
        assert (kept.closed_by, kept.close_reason, kept.is_active) == (user, "All have voted.", False)

    def test_reason_that_cannot_be_stored_is_refused(self, client: Client) -> None:
        poll = PollFactory(title="Running")
        before = stored()

        response = client.post(url("poll_close", poll.pk), {"reason": "a\u202eb"})

        assert said(response) == [("error", "Running: The poll is not valid.")]
        assert stored() == before

    def test_button_by_get_does_nothing(self, client: Client) -> None:
        poll = PollFactory()

        assert (client.get(url("poll_close", poll.pk)).status_code, Poll.objects.get().closed_at) == (405, None)

    def test_button_of_a_poll_that_is_not_there_is_not_found(self, client: Client) -> None:
        assert client.post(url("poll_close", "0")).status_code == 404


class TestCopyAndExport:
    def test_copies_are_drafts_of_whoever_asks(self) -> None:
        user = superuser()
        poll = PollFactory(title="Running", visibility=Visibility.NEVER)
        vote(poll)

        response = logged_in(user).post(url("poll_changelist"), {"action": "copy_polls", "_selected_action": [poll.pk]})

        assert said(response) == [("success", "Running: It was copied as a draft.")]
        copy = Poll.objects.exclude(pk=poll.pk).get()
        assert (copy.title, copy.is_draft, copy.created_by, copy.visibility) == ("Running", True, user, "never")
        assert (texts(copy), copy.votes.count()) == (texts(poll), 0)
        assert set(LogEntry.objects.values_list("object_id", flat=True)) == {str(poll.pk), str(copy.pk)}

    def test_button_copies_for_whoever_may_add(self) -> None:
        poll = PollFactory()
        people = [logged_in(staff(*names)) for names in (("view_poll", "change_poll"), ("change_poll", "add_poll"))]

        offered = [
            url("poll_copy", poll.pk) in each.get(url("poll_change", poll.pk)).content.decode() for each in people
        ]
        answers = [said(each.post(url("poll_copy", poll.pk))) for each in people]

        assert offered == [False, True]
        assert answers == [
            [("error", "Test Poll: You may not do this.")],
            [("success", "Test Poll: It was copied as a draft.")],
        ]
        assert Poll.objects.count() == 2

    def test_export_has_what_may_be_seen_and_names_what_may_not(self, client: Client) -> None:
        shown = PollFactory(title="=1+1", options=0)
        tea = shown.options.create(text="Tea")
        coffee = shown.options.create(text="@coffee", position=1)
        vote(shown)
        hidden = PollFactory(title="Hidden", visibility=Visibility.NEVER)
        vote(hidden)
        broken = PollFactory(title="Broken", method="gone")
        chosen = {"action": "export_results", "_selected_action": [shown.pk, hidden.pk, broken.pk]}

        response = client.post(url("poll_changelist"), chosen)

        lines = list(csv.reader(response.getvalue().decode("utf-8-sig").splitlines()))
        assert (response["Content-Type"], response["Content-Disposition"]) == (
            "text/csv; charset=utf-8",
            'attachment; filename="results.csv"',
        )
        first = [str(shown.pk), "'=1+1", "single", "", "open", "1", "1"]
        assert lines[1:] == [
            [*first, "option", "1", str(tea.pk), "Tea", "1", "100.00", "", "yes", ""],
            [*first, "option", "2", str(coffee.pk), "'@coffee", "0", "0.00", "", "no", ""],
            [*first, "sentence", "1", "", "", "", "", "", "", "Votes: Tea (1), @coffee (0)."],
            [*first, "sentence", "2", "", "", "", "", "", "", "Tea wins."],
        ]
        assert sorted(said(response)) == [
            ("error", "Broken: This poll cannot be counted: its rules do not fit its voting method."),
            ("error", "Hidden: You may not see the results of this poll now."),
        ]

    def test_export_of_nothing_that_may_be_seen_is_no_file(self, client: Client) -> None:
        poll = PollFactory(title="Hidden", visibility=Visibility.NEVER)
        vote(poll)

        response = client.post(url("poll_changelist"), {"action": "export_results", "_selected_action": [poll.pk]})

        assert (response.status_code, said(response)) == (
            302,
            [("error", "Hidden: You may not see the results of this poll now.")],
        )


class TestTally:
    def test_page_shows_how_the_poll_stands(self, client: Client) -> None:
        poll = PollFactory()
        for _ in range(3):
            vote(poll)
        vote(poll, 1)

        page = client.get(url("poll_change", poll.pk)).content.decode()

        rows = re.findall(
            r'<th scope="row">([^<]+)<svg.*?polls-figure">([^<]+)<.*?polls-figure">([^<]+)<', page, re.DOTALL
        )
        assert rows == [("Option 1", "3", "75.0%"), ("Option 2", "1", "25.0%")]
        said_of_it = re.findall(r"<li>([^<]+)</li>", page.partition("polls-sentences")[2].partition("</ul>")[0])
        assert said_of_it == ["Votes: Option 1 (3), Option 2 (1).", "Option 1 wins."]

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"visibility": Visibility.NEVER}, "You may not see the results of this poll now."),
            ({"is_draft": True}, "Nobody can vote in a draft."),
            ({"method": "gone"}, "This site has no voting method gone now, which this poll needs."),
        ],
    )
    def test_page_says_why_it_shows_none(self, fields: dict[str, object], sentence: str, client: Client) -> None:
        poll = PollFactory(**fields)

        page = client.get(url("poll_change", poll.pk)).content.decode()

        assert (sentence in page, "polls-tally" in page) == (True, False)

    def test_scores_are_told_in_sentences(self, client: Client) -> None:
        poll = PollFactory(method="score")
        first, second = poll.options.all()
        cast_vote(poll, Voter.from_user(UserFactory()), scored({first.pk: 5, second.pk: 2}))

        tally = client.get(url("poll_change", poll.pk)).content.decode().partition("polls-tally")[2]

        assert ("<table" in tally.partition("</ul>")[0], "Option 1 wins." in tally) == (False, True)


class TestDelete:
    def test_poll_without_votes_goes_after_one_question(self, client: Client) -> None:
        poll = PollFactory(title="Unloved")

        page = client.get(url("poll_delete", poll.pk))
        response = client.post(url("poll_delete", poll.pk), {"post": "yes", "votes": "0"})

        assert "Delete the poll “Unloved” and its 0 votes?" in page.content.decode()
        assert (response.headers["Location"], Poll.objects.count()) == (url("poll_changelist"), 0)

    def test_poll_with_votes_goes_with_them_once_their_number_was_confirmed(self, client: Client) -> None:
        poll, other = PollFactory(title="Loved"), PollFactory()
        for _ in range(3):
            vote(poll)
        vote(other)

        page = client.get(url("poll_delete", poll.pk)).content.decode()
        response = client.post(url("poll_delete", poll.pk), {"post": "yes", "votes": "3"})

        assert "Delete the poll “Loved” and its 3 votes?" in page
        assert '<input type="hidden" name="votes" value="3">' in page
        assert response.status_code == 302
        assert [model.objects.count() for model in (Poll, PollOption, Vote, Ballot, Mark)] == [1, 2, 1, 1, 1]

    @pytest.mark.parametrize("form", [{"post": "yes"}, {"post": "yes", "votes": "0"}])
    def test_votes_that_nobody_confirmed_stay(self, form: dict[str, str], client: Client) -> None:
        poll = PollFactory()
        vote(poll)
        before = stored()

        response = client.post(url("poll_delete", poll.pk), form)

        assert said(response) == [("error", "This poll has votes.")]
        assert (response.headers["Location"], stored()) == (url("poll_delete", poll.pk), before)

    def test_polls_are_not_deleted_by_the_dozen(self, client: Client) -> None:
        poll = PollFactory()

        offered = client.get(url("poll_changelist")).context["action_form"].fields["action"].choices
        client.post(url("poll_changelist"), {"action": "delete_selected", "post": "yes", "_selected_action": [poll.pk]})

        assert [name for name, _label in offered] == ["", "open_polls", "close_polls", "copy_polls", "export_results"]
        assert Poll.objects.count() == 1


def test_policy_has_its_word_beside_the_permissions(settings: Settings) -> None:
    settings.DJANGO_POLLS_POLICY = "tests.admin.test_permissions.NobodyMay"
    client = logged_in(superuser())
    poll = PollFactory()
    before = stored()

    statuses = [
        client.get(url("poll_add")).status_code,
        client.post(url("poll_change", poll.pk), poll_form(poll, title="Forged")).status_code,
        client.post(url("poll_close", poll.pk)).status_code,
        client.post(url("poll_delete", poll.pk), {"post": "yes"}).status_code,
    ]
    acted = client.post(url("poll_changelist"), {"action": "close_polls", "_selected_action": [poll.pk]})

    assert statuses == [403, 403, 403, 403]
    assert said(acted) == [("error", f"{poll}: You may not do this.")]
    assert stored() == before
