"""The tags as a host uses them: on a page of its own, with polls between its own words."""

import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.template import Context, RequestContext, Template
from django.test import Client, RequestFactory
from django.urls import include, path

from django_polls.identity import Voter
from django_polls.lifecycle import close_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.voting import cast_vote
from tests.factories import PollFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.urls(__name__)]

HEADING = re.compile(r"<h2><bdi>(.*)</bdi></h2>")
ITEM = re.compile(r'href="/polls/.*?/"><bdi>(.*)</bdi>')
PAGE = """{% load django_polls %}<html><head>{% polls_assets %}</head><body>
{% for each in polls %}{% poll each %}{% endfor %}</body></html>"""


def page(request: HttpRequest) -> HttpResponse:
    """Show the polls whose ids the address names."""
    return HttpResponse(Template(PAGE).render(RequestContext(request, {"polls": request.GET.getlist("poll")})))


urlpatterns = [path("host/", page), path("polls/", include("django_polls.urls"))]


def rendered(source: str, user: User | None = None, **context: object) -> str:
    """Return what a host's template makes of its tags for whoever looks."""
    request = RequestFactory().get("/host/?a=b")
    request.user = user or AnonymousUser()
    CsrfViewMiddleware(lambda _request: HttpResponse()).process_view(request, page, (), {})
    return Template("{% load django_polls %}" + source).render(RequestContext(request, context))


def paper(html: str, poll: Poll, option: int) -> dict[str, str]:
    """Return what a browser sends of the paper of a poll with this option chosen."""
    (form,) = re.findall(rf'<form[^>]*action="/polls/{poll.pk}/vote/".*?</form>', html, re.DOTALL)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(.*?)"', form))
    return {name: value.replace("&amp;", "&") for name, value in hidden.items()} | {
        "option": str(poll.options.all()[option].pk)
    }


def host_page(*polls: Poll) -> str:
    return "/host/?" + "&".join(f"poll={poll.pk}" for poll in polls)


def test_page_with_two_polls_has_two_papers_with_names_of_their_own() -> None:
    polls = PollFactory(title="Lunch"), PollFactory(title="Dinner", method="approval", max_options=2)

    html = Client().get(host_page(*polls)).text

    ids = re.findall(r'\sid="(.*?)"', html)
    assert HEADING.findall(html) == ["Lunch", "Dinner"]
    assert re.findall(r'<form[^>]*action="(.*?)"', html) == [f"/polls/{poll.pk}/vote/" for poll in polls]
    assert (len(ids), len(set(ids))) == (len(set(ids)), len(ids))
    assert set(re.findall(r'(?:aria-labelledby|for)="(.*?)"', html)) <= set(ids)
    assert html.count("django_polls/polls.js") == 1


def test_paper_comes_back_to_the_page_of_the_host() -> None:
    polls = PollFactory(), PollFactory()
    client = Client(enforce_csrf_checks=True)
    html = client.get(host_page(*polls)).text

    answer = client.post(f"/polls/{polls[1].pk}/vote/", paper(html, polls[1], 0))

    assert (answer.status_code, answer.headers["Location"]) == (302, host_page(*polls))
    assert [poll.options.all()[0].vote_count for poll in polls] == [0, 1]
    assert "You have voted." in client.get(host_page(*polls)).text


def test_refused_paper_remembers_the_page_of_the_host() -> None:
    poll, client = PollFactory(), Client()
    sent = paper(client.get(host_page(poll)).text, poll, 0)

    refused = client.post(f"/polls/{poll.pk}/vote/", sent | {"option": ""})
    again = paper(refused.text, poll, 0)
    answer = client.post(f"/polls/{poll.pk}/vote/", again)

    assert (refused.status_code, again["next"]) == (400, host_page(poll))
    assert answer.headers["Location"] == host_page(poll)


@pytest.mark.parametrize(
    "foreign",
    [
        "https://other.example/",
        "//other.example",
        "/\\other.example",
        "javascript:alert(1)",
        "http:///other.example",
        "",
    ],
)
@pytest.mark.parametrize("option", [0, None])
def test_foreign_next_is_refused(foreign: str, option: int | None) -> None:
    poll, client = PollFactory(), Client()
    sent = paper(client.get(host_page(poll)).text, poll, 0) | {"next": foreign}

    answer = client.post(f"/polls/{poll.pk}/vote/", sent if option == 0 else sent | {"option": ""})

    led = answer.headers["Location"] if option == 0 else paper(answer.text, poll, 0)["next"]
    assert led == f"/polls/{poll.pk}/"


def test_withdrawal_comes_back_to_the_page_of_the_host() -> None:
    poll, client = PollFactory(vote_withdrawal="until_close"), Client()
    client.post(f"/polls/{poll.pk}/vote/", paper(client.get(host_page(poll)).text, poll, 0))

    html = client.get(host_page(poll)).text
    (form,) = re.findall(rf'<form[^>]*action="/polls/{poll.pk}/withdraw/".*?</form>', html, re.DOTALL)
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="(.*?)"', form))
    answer = client.post(f"/polls/{poll.pk}/withdraw/", sent)

    assert (answer.headers["Location"], poll.votes.count()) == (host_page(poll), 0)


@pytest.mark.parametrize("tag", ["poll", "poll_results"])
def test_poll_that_does_not_exist_for_the_viewer_is_nothing(tag: str) -> None:
    draft = PollFactory(is_draft=True, title="Secret")

    shown = [
        rendered(f"{{% {tag} which %}}", which=which) for which in (draft, draft.pk, uuid4(), "nonsense", "", None)
    ]

    assert [html.strip() for html in shown] == [""] * 6


@pytest.mark.parametrize("tag", ["poll", "poll_results"])
def test_draft_is_shown_to_its_owner(tag: str) -> None:
    owner = UserFactory()
    draft = PollFactory(is_draft=True, created_by=owner)

    assert HEADING.findall(rendered(f"{{% {tag} which %}}", owner, which=draft)) == ["Test Poll"]


@pytest.mark.parametrize("source", ["{% poll which %}", "{% poll_results which %}"])
def test_tag_without_a_request_shows_nothing(source: str) -> None:
    html = Template("{% load django_polls %}" + source).render(Context({"which": PollFactory()}))

    assert html.strip() == ""


def test_page_without_a_request_lists_what_everybody_sees() -> None:
    PollFactory(title="Open"), PollFactory(title="Draft", is_draft=True)

    html = Template("{% load django_polls %}{% polls_open %}{% poll_metadata which %}").render(
        Context({"which": Poll.objects.first()})
    )

    assert (re.findall("<bdi>(.*)</bdi>", html), "og:" in html) == (["Open"], False)


@pytest.mark.parametrize("visibility", ["after_vote", "after_close", "managers", "never"])
@pytest.mark.parametrize("tag", ["poll", "poll_results"])
def test_hidden_results_are_the_same_in_two_worlds(tag: str, visibility: str) -> None:
    poll = PollFactory(visibility=visibility, electorate="users")
    before = rendered(f"{{% {tag} which %}}", which=poll)

    for option in (0, 0, 1):
        cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[option].pk))

    after = rendered(f"{{% {tag} which %}}", which=poll)
    assert after == before
    assert ("polls-bar" in after, "polls-hidden-results" in after) == (False, True)


def test_results_are_shown_by_the_tag_of_results_alone_without_a_paper() -> None:
    poll = PollFactory()
    cast_vote(poll, Voter(uuid4()), Ballot.of(poll.options.all()[1].pk))

    html = rendered("{% poll_results which %}", which=str(poll.pk))

    figures = re.findall(r'polls-bar-text">(.*?)</bdi>.*?<span>(\d+)</span>', html, re.DOTALL)
    assert (figures, "<form" in html) == ([("Option 2", "1"), ("Option 1", "0")], False)


def test_open_polls_are_listed_newest_first_up_to_the_limit() -> None:
    for number in range(4):
        PollFactory(title=f"Poll {number}")
    close_poll(PollFactory(title="Closed"))
    PollFactory(title="Draft", is_draft=True)

    lists = [ITEM.findall(rendered(tag)) for tag in ("{% polls_open limit=2 %}", "{% polls_open %}")]

    assert lists == [["Poll 3", "Poll 2"], ["Poll 3", "Poll 2", "Poll 1", "Poll 0"]]


def test_no_open_polls_are_told_of() -> None:
    assert "There are no open polls." in rendered("{% polls_open %}")


def test_hostile_texts_are_texts() -> None:
    poll = PollFactory(title="<script>alert(1)</script>")

    html = rendered("{% poll which %}{% poll_results which %}{% polls_open %}{% poll_metadata which %}", which=poll)

    assert ("alert(1)</script>" in html, html.count("&lt;script&gt;") >= 5) == (False, True)
