"""The analytics pages and their CSV: what they show, to whom, at how many statements, and nothing inline."""

import csv
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from django_polls import lifecycle, refusals
from django_polls.admin import analytics
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot, Word
from django_polls.models import Poll, Vote
from django_polls.models.polls import Visibility
from tests.admin.people import Response, logged_in, staff, superuser, url
from tests.analytics.votes import members, vote_at
from tests.factories import PollFactory, UserFactory
from tests.ways import WAYS, Way

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 10, 18, tzinfo=UTC)
HIDDEN = "You may not see the results of this poll now."
INLINE = re.compile(r"<script|<style| style=| on[a-z]+=|javascript:", re.IGNORECASE)


@pytest.fixture
def client() -> Client:
    return logged_in(superuser())


def closed_poll(**fields: object) -> Poll:
    """Return a poll that closed two hours after its first vote."""
    times = {"opens_at": START - timedelta(hours=1), "expires_at": START + timedelta(hours=2)}
    poll = PollFactory(title="Lunch", **fields)
    vote_at(poll, START, 0, Voter.from_user(UserFactory()))
    for _ in range(5):
        vote_at(poll, START + timedelta(minutes=10), 0)
    for _ in range(6):
        vote_at(poll, START + timedelta(hours=1), 1)
    Poll.objects.filter(pk=poll.pk).update(**times)
    return Poll.objects.get(pk=poll.pk)


def table(response: Response) -> list[list[str]]:
    """Return the rows of a CSV."""
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(response.getvalue().decode("utf-8-sig").splitlines()))


def cells(page: str, slug: str) -> list[list[str]]:
    """Return the rows of a table on a page."""
    section = page.partition(f'<h3 id="polls-{slug}">')[2].partition("</section>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", section, re.DOTALL)
    return [
        [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in rows
    ]


class TestPollPage:
    def test_shows_the_votes_over_time(self, client: Client) -> None:
        poll = closed_poll()

        page = client.get(url("poll_analytics", poll.pk)).content.decode()

        assert cells(page, "votes") == [
            ["Hour from", "Votes", "With an account", "Without an account"],
            ["03/10/2026 6 p.m.", "6", "1", "5"],
            ["03/10/2026 7 p.m.", "6", "0", "6"],
            ["03/10/2026 8 p.m.", "0", "0", "0"],
        ]
        assert cells(page, "shares") == [
            ["Up to the hour from", "Votes that count", "Option 1", "Option 2"],
            ["03/10/2026 6 p.m.", "6", "100.0%", "0.0%"],
            ["03/10/2026 7 p.m.", "12", "50.0%", "50.0%"],
            ["03/10/2026 8 p.m.", "12", "50.0%", "50.0%"],
        ]
        assert cells(page, "voters") == [
            ["Who", "Votes", "Share"],
            ["With an account", "1", "8.3%"],
            ["Without an account", "11", "91.7%"],
        ]

    def test_draws_charts_with_titles_and_nothing_inline(self, client: Client) -> None:
        poll = closed_poll()

        page = client.get(url("poll_analytics", poll.pk)).content.decode()

        content = page.partition('<div id="content-main">')[2].partition("</main>")[0]
        plots = re.findall(r'<svg class="polls-plot".*?</svg>', content, re.DOTALL)
        assert [re.findall(r"<(?:title|desc) id[^>]*>([^<]*)<", plot) for plot in plots] == [
            [
                "Votes over time",
                "12 votes from 03/10/2026 6 p.m. to 03/10/2026 8 p.m.; most came at 03/10/2026 6 p.m.",
            ],
            ["Shares over time", "Option 1, 50.0%; Option 2, 50.0%"],
        ]
        assert re.findall(
            r'<rect class="polls-rect polls-series-(\d)" x="([^"]*)" y="([^"]*)" [^>]*><title>([^<]*)<', content
        ) == [
            ("0", "3.333%", "90%", "03/10/2026 6 p.m.: 1 vote"),
            ("1", "3.333%", "40%", "03/10/2026 6 p.m.: 5 votes"),
            ("1", "36.667%", "40%", "03/10/2026 7 p.m.: 6 votes"),
        ]
        assert len(re.findall(r'<line class="polls-line polls-series-\d" x1="[\d.]+%"', content)) == 8
        assert (INLINE.findall(content), "django_polls/admin.css" in page) == ([], True)

    def test_csv_has_the_same_figures_for_programs(self, client: Client) -> None:
        poll = closed_poll()

        tables = {
            slug: table(client.get(url("poll_analytics_csv", poll.pk, slug))) for slug in ("votes", "shares", "voters")
        }

        assert tables["votes"][1] == ["2026-03-10T18:00:00+00:00", "6", "1", "5"]
        assert tables["shares"][1:3] == [
            ["2026-03-10T18:00:00+00:00", "6", "100.00", "0.00"],
            ["2026-03-10T19:00:00+00:00", "12", "50.00", "50.00"],
        ]
        assert tables["voters"][1:] == [["With an account", "1", "8.33"], ["Without an account", "11", "91.67"]]

    def test_times_are_those_of_the_admins_zone(self, client: Client, settings: Settings) -> None:
        settings.TIME_ZONE = "Asia/Kolkata"
        poll = closed_poll()

        rows = table(client.get(url("poll_analytics_csv", poll.pk, "votes")))

        assert [row[:2] for row in rows[1:]] == [
            ["2026-03-10T23:00:00+05:30", "6"],
            ["2026-03-11T00:00:00+05:30", "6"],
            ["2026-03-11T01:00:00+05:30", "0"],
        ]

    def test_long_polls_are_told_by_days_and_months(self, client: Client) -> None:
        polls = [PollFactory(), PollFactory()]
        for poll, days in zip(polls, (10, 300), strict=True):
            vote_at(poll, START)
            vote_at(poll, START + timedelta(days=days))
            Poll.objects.filter(pk=poll.pk).update(expires_at=START + timedelta(days=days), opens_at=START)

        pages = [cells(client.get(url("poll_analytics", poll.pk)).content.decode(), "votes") for poll in polls]

        assert [page[1] for page in pages] == [["03/10/2026", "1", "0", "1"], ["March 2026", "1", "0", "1"]]
        assert [len(page) for page in pages] == [12, 12]

    def test_turnout_is_a_share_of_the_electorate(self, client: Client) -> None:
        group = Group.objects.create(name="Board")
        users = members(group, 8)
        draft = lifecycle.PollDraft(
            {"title": "Vote", "electorate": "groups", "allows_abstention": True},
            [lifecycle.OptionDraft("Yes"), lifecycle.OptionDraft("No")],
            [group],
        )
        poll = lifecycle.create_poll(draft)
        for user, ballot in zip(users, [Ballot.of(poll.options.all()[0].pk), Ballot(word=Word.ABSTAIN)], strict=False):
            vote_at(poll, START, ballot, Voter.from_user(user))

        facts = client.get(url("poll_analytics", poll.pk)).context["facts"]

        assert facts == [
            analytics.Fact("Votes", "2"),
            analytics.Fact("Turnout", "25.0%", "2 votes of 8 people"),
            analytics.Fact("Abstentions", "1", "50.0%"),
        ]

    def test_groups_are_a_table_without_small_cells(self, client: Client) -> None:
        groups = [Group.objects.create(name=name) for name in ("Board", "Staff")]
        PollFactory(options=3, electorate="groups").groups.set(groups)
        poll = Poll.objects.get()
        for group, numbers in zip(groups, ((4, 10, 30), (8, 20, 50)), strict=True):
            users = iter(members(group, sum(numbers)))
            for option, number in enumerate(numbers):
                for _ in range(number):
                    vote_at(poll, START, option, Voter.from_user(next(users)))

        page = client.get(url("poll_analytics", poll.pk)).content.decode()

        dash = "\u2013"
        assert cells(page, "groups") == [
            ["Group", "Option 1", "Option 2", "Option 3"],
            ["Board", dash, dash, "30"],
            ["Staff", dash, dash, "50"],
        ]
        assert table(client.get(url("poll_analytics_csv", poll.pk, "groups")))[1] == ["Board", "", "", "30"]

    def test_refused_attempts_are_told_by_reason_where_they_are_counted(
        self, client: Client, settings: Settings
    ) -> None:
        poll = closed_poll()
        settings.DJANGO_POLLS_RECORD_REFUSALS = True
        for code in ("poll_closed", "already_voted", "poll_closed", "too_few_options", "a_hosts_own"):
            refusals.record(poll, code)

        pages = [client.get(address).content.decode() for address in (url("poll_analytics", poll.pk), url("analytics"))]
        codes = table(client.get(url("poll_analytics_csv", poll.pk, "refusals")))
        settings.DJANGO_POLLS_RECORD_REFUSALS = False
        without = client.get(url("poll_analytics", poll.pk)).content.decode()

        rows = [
            ["Reason", "Attempts"],
            ["This poll is closed. (poll_closed)", "2"],
            ["a_hosts_own", "1"],
            ["You have already voted in this poll. (already_voted)", "1"],
            ["Mark at least \u2026 options. (too_few_options)", "1"],
        ]
        assert [cells(page, "refusals") for page in (*pages, without)] == [rows, rows, []]
        assert codes[1] == ["poll_closed", "2"]

    @pytest.mark.parametrize("visibility", [Visibility.NEVER, Visibility.AFTER_CLOSE, Visibility.AFTER_VOTE])
    def test_hidden_poll_says_no_number(self, visibility: Visibility, client: Client) -> None:
        poll = PollFactory(visibility=visibility)
        pages = []
        for _ in range(2):
            vote_at(poll, START)
            page = client.get(url("poll_analytics", poll.pk))
            pages.append(page.content.decode().partition('<div id="content-main">')[2])

        refused = [client.get(url("poll_analytics_csv", poll.pk, slug)).status_code for slug in ("votes", "shares")]

        assert (pages[0] == pages[1], HIDDEN in pages[0], "polls-plot" in pages[0], refused) == (
            True,
            True,
            False,
            [403, 403],
        )

    @pytest.mark.parametrize("field", ["ballot", "cast_at"])
    def test_secret_poll_has_no_chart(self, field: str, client: Client) -> None:
        poll = closed_poll()
        QuerySet(Vote).filter(pk=poll.votes.first().pk).update(**{field: None})

        response = client.get(url("poll_analytics", poll.pk))

        assert response.context["panels"] == []
        assert response.context["notes"] == ["This poll keeps votes secret, so that nothing is told by time."]
        assert client.get(url("poll_analytics_csv", poll.pk, "votes")).status_code == 404

    @pytest.mark.parametrize("way", WAYS, ids=str)
    def test_every_way_of_voting_has_a_page(self, way: Way, client: Client) -> None:
        poll, ballots = way.open_poll()
        empty = client.get(url("poll_analytics", poll.pk))
        for ballot in ballots:
            vote_at(poll, START, ballot)

        response = client.get(url("poll_analytics", poll.pk))

        is_scored = way.method in {"score", "dots"}
        slugs = ["votes", "voters"] if is_scored else ["votes", "shares", "voters"]
        assert (empty.context["panels"], empty.context["notes"]) == ([], ["No votes yet."])
        assert ([panel.slug for panel in response.context["panels"]], len(response.context["notes"])) == (
            slugs,
            is_scored,
        )

    def test_poll_that_cannot_be_counted_says_so(self, client: Client) -> None:
        poll = PollFactory(method="gone")

        response = client.get(url("poll_analytics", poll.pk))

        assert response.context["notes"] == ["This site has no voting method gone now, which this poll needs."]

    @pytest.mark.parametrize("votes", [2, 40])
    def test_statements_are_the_same_for_any_number_of_votes(
        self, votes: int, client: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        poll = PollFactory()
        for number in range(votes):
            vote_at(poll, START + timedelta(hours=number), number % 2)

        # Session, user, the poll with its options, stored outcome, ballots counted, ballots, votes.
        with django_assert_num_queries(8):
            client.get(url("poll_analytics", poll.pk))

    def test_titles_and_options_are_only_text(self, client: Client) -> None:
        options = PollFactory(title="<b>=1</b>", options=0).options
        options.create(text="<script>alert(1)</script>")
        options.create(text="=cmd", position=1)
        poll = Poll.objects.get()
        vote_at(poll, START)

        page = client.get(url("poll_analytics", poll.pk)).content.decode()
        rows = table(client.get(url("poll_analytics_csv", poll.pk, "shares")))

        assert ("<b>=1" in page, "<script>alert" in page) == (False, False)
        assert rows[0][2:] == ["<script>alert(1)</script>", "'=cmd"]


class TestOverview:
    def test_shows_all_polls_together(self, client: Client) -> None:
        closed = closed_poll()
        hidden = PollFactory(title="Hidden", visibility=Visibility.NEVER)
        vote_at(hidden, START)

        response = client.get(url("analytics"))

        assert response.context["facts"] == [
            analytics.Fact("Draft", "0"),
            analytics.Fact("Scheduled", "0"),
            analytics.Fact("Open", "1"),
            analytics.Fact("Closed", "1"),
            analytics.Fact("Votes", "12", "in 1 poll whose results you may see"),
        ]
        page = response.content.decode()
        assert cells(page, "top") == [["Poll", "Votes"], ["Lunch", "12"]]
        assert f'href="{url("poll_analytics", closed.pk)}"' in page
        assert cells(page, "votes")[1:] == [
            ["03/10/2026 6 p.m.", "6", "1", "5"],
            ["03/10/2026 7 p.m.", "6", "0", "6"],
            ["03/10/2026 8 p.m.", "0", "0", "0"],
        ]
        assert ("Hidden" in page.partition('<div id="content-main">')[2], response.context["notes"]) == (False, [])

    def test_tables_are_csv_too(self, client: Client) -> None:
        closed_poll()

        response = client.get(url("analytics_csv", "top"))

        assert response.headers["Content-Disposition"] == 'attachment; filename="polls-top.csv"'
        assert table(response) == [["Poll", "Votes"], ["Lunch", "12"]]
        assert client.get(url("analytics_csv", "other")).status_code == 404

    def test_site_without_polls_has_an_empty_page(self, client: Client) -> None:
        response = client.get(url("analytics"))

        assert (response.status_code, response.context["panels"]) == (200, [])

    def test_says_so_where_it_leaves_out_old_polls(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(analytics, "MOST_POLLS", 2)
        for day in range(3):
            poll = PollFactory(title=f"Poll {day}", created_at=START + timedelta(days=day))
            vote_at(poll, START)

        response = client.get(url("analytics"))

        assert response.context["notes"] == ["These figures are of the newest 2 polls."]
        assert {row[0] for row in cells(response.content.decode(), "top")[1:]} == {"Poll 2", "Poll 1"}

    @pytest.mark.parametrize("polls", [1, 3])
    def test_statements_are_the_same_for_any_number_of_polls(
        self, polls: int, client: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(polls):
            vote_at(PollFactory(title=f"Poll {number}", visibility=Visibility.AFTER_VOTE), START)
            vote_at(PollFactory(title=f"Open {number}"), START)

        # Session, user, polls, who has voted, ballots with their ledger, votes.
        with django_assert_num_queries(6):
            client.get(url("analytics"))


class TestAccess:
    def test_pages_are_linked_from_the_list_and_the_poll(self, client: Client) -> None:
        poll = PollFactory()

        pages = [
            client.get(address).content.decode() for address in (url("poll_changelist"), url("poll_change", poll.pk))
        ]

        assert f'href="{url("analytics")}"' in pages[0]
        assert f'href="{url("poll_analytics", poll.pk)}"' in pages[1]

    def test_pages_are_for_those_who_may_look_at_polls(self) -> None:
        poll, draft = PollFactory(), PollFactory(is_draft=True)
        addresses = [
            url("analytics"),
            url("analytics_csv", "votes"),
            url("poll_analytics", poll.pk),
            url("poll_analytics_csv", poll.pk, "votes"),
            url("poll_analytics", draft.pk),
            url("poll_analytics", "0"),
        ]
        vote_at(poll, START)
        people = {
            "guest": Client(),
            "user": logged_in(UserFactory()),
            "staff": logged_in(staff("view_vote")),
            "viewer": logged_in(staff("view_poll")),
        }

        found = {name: [each.get(address).status_code for address in addresses] for name, each in people.items()}

        assert found == {
            "guest": [302] * 6,
            "user": [302] * 6,
            "staff": [403, 403, 403, 403, 404, 404],
            "viewer": [200, 200, 200, 200, 404, 404],
        }

    def test_manager_only_results_are_for_managers(self) -> None:
        poll = closed_poll(visibility=Visibility.MANAGERS)
        people = [logged_in(staff(*names)) for names in (("view_poll",), ("view_poll", "change_poll"))]

        notes = [each.get(url("poll_analytics", poll.pk)).context["notes"] for each in people]

        assert notes == [[HIDDEN], []]

    def test_pages_may_not_be_kept(self, client: Client) -> None:
        poll = closed_poll()

        kept = [
            client.get(address).headers["Cache-Control"]
            for address in (url("analytics"), url("poll_analytics", poll.pk))
        ]

        assert ["no-store" in value and "private" in value for value in kept] == [True, True]

    def test_other_methods_are_refused(self, client: Client) -> None:
        poll = PollFactory()

        found = [client.post(address).status_code for address in (url("analytics"), url("poll_analytics", poll.pk))]

        assert found == [405, 405]
