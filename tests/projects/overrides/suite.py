"""The club's policy, voting method, serializer and templates decide, count and show."""

import pytest
from django.test import Client

from django_polls.lifecycle import close_poll
from django_polls.models import Poll, PollOutcome
from django_polls.models.polls import Electorate
from tests.projects.forms import Form
from tests.projects.people import guest, logged_in, member, path_of
from tests.projects.polls import make_poll
from tests.projects.suite_api import read, send

pytestmark = pytest.mark.django_db

OPTIONS = [{"text": "Soup"}, {"text": "Salad"}, {"text": "Cake"}]


def test_policy_lets_members_create_and_names_them() -> None:
    by_member = send(logged_in(member("anna")), "poll-list", title="Lunch", options=OPTIONS)
    by_guest = send(guest(1), "poll-list", title="Lunch", options=OPTIONS)

    assert (by_member.status, by_member.body["created_by_name"]) == (201, "anna")
    assert by_guest.body["code"] == "authentication_required"


def test_policy_says_who_votes_where_the_poll_leaves_it_to_the_site() -> None:
    poll = make_poll(electorate=Electorate.POLICY)
    option_id = poll.options.first().pk
    browsers = (logged_in(member("sam", is_staff=True)), logged_in(member("anna")))

    by_staff, by_member = [send(browser, "poll-vote", poll.pk, option_id=option_id) for browser in browsers]

    assert (by_staff.status, by_member.refusal) == (200, (403, "not_eligible"))
    assert poll.options.first().vote_count == 1


def test_method_of_the_host_counts() -> None:
    created = send(
        logged_in(member("anna")), "poll-list", title="Lunch", options=OPTIONS, method="objections", min_options=0
    )
    poll_id = created.body["id"]
    soup, salad, cake = [option["id"] for option in created.body["options"]]
    objections: list[list[int]] = [[soup], [soup, salad], [], [cake], [soup, cake]]

    answers = [send(guest(n), "poll-vote", poll_id, option_ids=marked) for n, marked in enumerate(objections)]
    counted = read(guest(9), "poll-results", poll_id).body

    assert [answer.status for answer in answers] == [200] * 5
    assert (counted["method"], counted["votes"], counted["winners"]) == ("objections", 5, [salad])
    assert [option["vote_count"] for option in counted["options"]] == [3, 1, 2]


def test_method_of_the_host_is_stored_with_the_outcome() -> None:
    poll = make_poll(method="objections", options=3, min_options=0, final_ties="declare")
    first, second, third = poll.options.all()
    send(guest(1), "poll-vote", poll.pk, option_ids=[second.pk])

    close_poll(poll)

    outcome = PollOutcome.objects.get().outcome
    assert (outcome.method, outcome.version, outcome.winners) == ("objections", 1, (first.pk, third.pk))


def test_method_of_the_host_says_what_it_cannot_count() -> None:
    refused = send(logged_in(member("anna")), "poll-list", title="Lunch", options=OPTIONS, method="objections")

    assert (refused.status, refused.body["errors"]) == (400, {"min_options": ["Nobody has to object: make this 0."]})


def test_method_of_the_host_says_who_supports_its_winner() -> None:
    poll = make_poll(method="objections", options=3, min_options=0, pass_threshold="2/3")
    first, second, third = poll.options.all()
    for number, marked in enumerate(([first.pk, third.pk], [first.pk, third.pk], [second.pk])):
        send(guest(number), "poll-vote", poll.pk, option_ids=marked)

    counted = read(guest(9), "poll-results", poll.pk).body

    assert counted["winners"] == [second.pk]
    assert counted["verdict"] == {"result": "passed", "quorum": None, "support": 2, "base": 3, "threshold": "2/3"}


def test_serializer_of_the_host_shows_its_field_to_everybody() -> None:
    poll = make_poll(metadata={"meeting": "March", "budget": 900})

    shown = read(guest(1), "poll-detail", poll.pk).body
    listed = read(guest(1), "poll-list").body["results"]

    assert (shown["meeting"], shown["metadata"], listed) == ("March", None, [shown])


def test_schema_documents_the_field_of_the_host() -> None:
    schema = Client().get(path_of("schema"), {"format": "json"}).json()

    shown = schema["paths"]["/api/polls/{id}/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert shown == {"$ref": "#/components/schemas/ClubPoll"}
    assert schema["components"]["schemas"]["ClubPoll"]["properties"]["meeting"] == {
        "type": "string",
        "readOnly": True,
        "description": "The meeting at which the poll is discussed.",
    }


def page_of(name: str, poll: Poll) -> str:
    return guest(1).get(path_of(f"django_polls:{name}", poll.pk)).content.decode()


def test_base_of_the_host_frames_every_page() -> None:
    poll = make_poll()

    pages = [page_of(name, poll) for name in ("poll-detail", "poll-results", "poll-voters")]
    pages.append(guest(1).get(path_of("django_polls:poll-list")).content.decode())

    for page in pages:
        assert "<header>The club</header>" in page
        assert page.index("django_polls/polls.css") < page.index("club/site.css")


def test_partial_of_the_host_shows_the_results() -> None:
    poll = make_poll()
    send(guest(2), "poll-vote", poll.pk, option_id=poll.options.first().pk)

    for name in ("poll-detail", "poll-results-piece"):
        page = page_of(name, poll)
        assert '<ol class="club-results">' in page
        assert "<li><bdi>Option 1</bdi>: 1 ★</li>" in page


def test_widget_of_the_host_is_what_is_filled_in() -> None:
    poll = make_poll()
    page = page_of("poll-detail", poll)
    paper = Form(page).values | {"option": str(poll.options.last().pk)}

    answer = guest(1).post(path_of("django_polls:poll-vote", poll.pk), paper)

    assert '<select name="option"' in page
    assert (answer.status_code, poll.options.last().vote_count) == (302, 1)


def test_view_of_the_host_adds_to_the_page() -> None:
    poll = make_poll(metadata={"meeting": "March"})

    refused = guest(1).post(path_of("django_polls:poll-vote", poll.pk), {"revision": poll.revision})

    for page in (page_of("poll-detail", poll), refused.content.decode()):
        assert "<p>To be discussed at the meeting in March.</p>" in page
    assert refused.status_code == 400
