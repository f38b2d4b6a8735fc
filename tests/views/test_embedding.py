"""A poll in a frame on another site: the same for everybody, and hiding what is hidden."""

import re
from datetime import timedelta
from uuid import uuid4

import django
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from django_polls.identity import Voter
from django_polls.lifecycle import close_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.polls import PollQuerySet, Until, Visibility
from django_polls.policies import Policy
from django_polls.voting import cast_vote, replace_vote
from tests.factories import OptionFactory, PollFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

CSP = "django.middleware.csp.ContentSecurityPolicyMiddleware"
FIGURE = re.compile(r'polls-bar-text">(.*?)</bdi>.*?<span>(\d+)</span>', re.DOTALL)
OFFERED = re.compile(r"<li><bdi>(.*)</bdi></li>")
LINK = re.compile(r'<a .*href="(.*?)" target="_blank" rel="noopener">(.*)</a>')


def embed(poll: Poll, tail: str = "") -> str:
    return f"/polls/{poll.pk}/embed/{tail}"


def vote(poll: Poll, *numbers: int) -> None:
    """Cast a vote of somebody new for the option of each number."""
    for number in numbers:
        cast_vote(poll, Voter(uuid4()), Ballot.of(poll.options.all()[number].pk))


@pytest.fixture
def owner() -> User:
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def owners(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def test_embed_shows_the_poll_with_public_results_and_where_to_vote() -> None:
    poll = PollFactory(description="On Friday.", options=2)
    vote(poll, 1, 1, 0)

    page = Client().get(embed(poll)).text

    assert re.findall(r"<h1><bdi>(.*)</bdi></h1>", page) == ["Test Poll"]
    assert re.findall(r"<p>(On .*)</p>", page) == ["On Friday."]
    assert FIGURE.findall(page) == [("Option 2", "2"), ("Option 1", "1")]
    assert LINK.findall(page) == [(f"/polls/{poll.pk}/", "Vote"), (f"/polls/{poll.pk}/results/", "All figures")]
    assert re.findall('data-polls-live="(.*)"', page) == [embed(poll, "piece/")]


@pytest.mark.parametrize("visibility", ["after_vote", "after_close", "managers", "never"])
def test_embed_shows_options_where_results_are_hidden(visibility: str, owner: User, owners: Client) -> None:
    poll = PollFactory(visibility=visibility, created_by=owner)
    cast_vote(poll, Voter.from_user(owner), Ballot.of(poll.options.all()[0].pk))

    pages = [client.get(embed(poll)).text for client in (Client(), owners)]

    assert pages[0] == pages[1]
    assert (FIGURE.findall(pages[0]), OFFERED.findall(pages[0])) == ([], ["Option 1", "Option 2"])
    assert LINK.findall(pages[0]) == [(f"/polls/{poll.pk}/", "Vote")]
    assert re.findall('data-polls-live="(.*)"', pages[0]) == [embed(poll, "piece/")]


def test_embed_of_a_closed_poll_leads_to_its_results_or_its_page() -> None:
    shown, hidden = PollFactory(visibility="after_close"), PollFactory(visibility="never")
    for poll in (shown, hidden):
        vote(poll, 0)
        close_poll(poll)

    links = [LINK.findall(Client().get(embed(poll)).text) for poll in (shown, hidden)]

    assert links == [
        [(f"/polls/{shown.pk}/results/", "All figures")],
        [(f"/polls/{hidden.pk}/", "Go to the poll")],
    ]


def test_embed_can_do_nothing_and_asks_for_nothing_from_elsewhere() -> None:
    poll = PollFactory()

    page = Client().get(embed(poll)).text

    assert re.findall(r"<(form|input|button|iframe|style)\b|\son\w+=|\sstyle=|<script(?![^>]*\ssrc=)", page) == []
    assert re.findall(r'(?:src|href)="(https?:)?//', page) == []


def test_embed_is_the_same_bytes_for_everybody_and_sets_no_cookie(owners: Client) -> None:
    poll = PollFactory(guest_identity="cookie", vote_change=Until.CLOSE, shuffles_options=True)
    voter = Client()
    voter.get(f"/polls/{poll.pk}/")
    paper = {"revision": str(poll.revision), "option": str(poll.options.all()[0].pk)}
    assert voter.post(f"/polls/{poll.pk}/vote/", paper).status_code == 302
    stranger = Client()

    answers = [client.get(embed(poll, tail)) for tail in ("", "piece/") for client in (voter, owners, stranger)]

    assert len({answer.content for answer in answers[:3]}) == len({answer.content for answer in answers[3:]}) == 1
    assert [answer.headers.get("Vary") for answer in answers] == [None] * 6
    assert [dict(answer.cookies) for answer in answers] == [{}] * 6
    assert not stranger.cookies


def test_embed_may_be_kept_by_any_cache_that_asks_whether_it_still_holds() -> None:
    poll = PollFactory()

    first = Client().get(embed(poll))
    again = Client().get(embed(poll), headers={"if-none-match": first.headers["ETag"]})
    vote(poll, 0)
    after = Client().get(embed(poll), headers={"if-none-match": first.headers["ETag"]})

    assert (first.headers["Cache-Control"], first.headers["X-Poll-Status"]) == ("public, no-cache", "open")
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert (after.status_code, FIGURE.findall(after.text)) == (200, [("Option 1", "1"), ("Option 2", "0")])


def test_piece_is_what_stands_on_the_page() -> None:
    poll = PollFactory()
    vote(poll, 0)

    page, piece = (Client().get(embed(poll, tail)) for tail in ("", "piece/"))

    assert piece.text.strip() in page.text
    assert (piece.headers["Cache-Control"], piece.headers["X-Poll-Status"]) == ("public, no-cache", "open")


@pytest.mark.parametrize("tail", ["embed/", "embed/piece/", "preview.svg"])
def test_drafts_and_unknown_polls_are_not_there_for_their_owner_either(tail: str, owner: User, owners: Client) -> None:
    draft = PollFactory(is_draft=True, created_by=owner)

    answers = [owners.get(f"/polls/{poll_id}/{tail}").status_code for poll_id in (draft.pk, uuid4())]

    assert answers == [404, 404]


class Secretive(Policy):
    """A site that shows its polls to its users alone."""

    def may_see(self, user: object, poll: Poll) -> bool:
        return bool(getattr(user, "is_authenticated", False))


class Lavish(Policy):
    """A site that shows everything to everybody, drafts too."""

    def may_see(self, user: object, poll: Poll) -> bool:
        return True

    def seen_by(self, user: object, polls: PollQuerySet) -> PollQuerySet:
        return polls


@pytest.mark.parametrize("tail", ["embed/", "embed/piece/", "preview.svg"])
def test_drafts_are_not_there_whatever_the_policy(tail: str) -> None:
    draft = PollFactory(is_draft=True)

    with override_settings(DJANGO_POLLS_POLICY=f"{__name__}.Lavish"):
        answers = [Client().get(f"/polls/{draft.pk}/{each}").status_code for each in ("", tail)]

    assert answers == [200, 404]


@pytest.mark.parametrize("tail", ["embed/", "embed/piece/", "preview.svg"])
def test_poll_that_guests_may_not_see_is_not_there(tail: str, owners: Client) -> None:
    poll = PollFactory()

    with override_settings(DJANGO_POLLS_POLICY=f"{__name__}.Secretive"):
        answer = owners.get(f"/polls/{poll.pk}/{tail}")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (None, "frame-ancestors *"),
        (["'self'"], "frame-ancestors 'self'"),
        (
            ["https://a.example", "https://*.b.example:8443"],
            "frame-ancestors https://a.example https://*.b.example:8443",
        ),
        ([], "frame-ancestors 'none'"),
    ],
)
def test_embed_says_who_may_frame_it(sources: list[str] | None, expected: str, settings: Settings) -> None:
    poll = PollFactory()
    if sources is not None:
        settings.DJANGO_POLLS_FRAME_ANCESTORS = sources

    answer = Client().get(embed(poll))

    assert answer.headers["Content-Security-Policy"] == expected
    assert "X-Frame-Options" not in answer.headers


def test_other_pages_may_not_be_framed() -> None:
    poll = PollFactory()

    answers = [Client().get(f"/polls/{poll.pk}/{tail}") for tail in ("", "results/", "embed/piece/", "preview.svg")]

    assert [answer.headers["X-Frame-Options"] for answer in answers] == ["DENY"] * 4


@pytest.mark.skipif(django.VERSION < (6, 0), reason="Django 5.2 has no content security policies")
def test_embed_changes_one_part_of_the_policy_of_its_site(settings: Settings) -> None:
    poll = PollFactory()
    settings.MIDDLEWARE = [CSP, *settings.MIDDLEWARE]
    settings.SECURE_CSP = {"default-src": ["'self'"], "frame-ancestors": ["'none'"]}
    settings.DJANGO_POLLS_FRAME_ANCESTORS = ["https://a.example"]

    answers = [Client().get(path) for path in (embed(poll), f"/polls/{poll.pk}/", f"/polls/{poll.pk}/preview.svg")]

    assert [answer.headers["Content-Security-Policy"] for answer in answers] == [
        "default-src 'self'; frame-ancestors https://a.example",
        "default-src 'self'; frame-ancestors 'none'",
        "default-src 'none'; frame-ancestors 'none'",
    ]


@pytest.mark.skipif(django.VERSION < (6, 0), reason="Django 5.2 has no content security policies")
def test_embed_has_its_policy_where_the_site_has_the_middleware_and_none(settings: Settings) -> None:
    settings.MIDDLEWARE = [CSP, *settings.MIDDLEWARE]
    settings.SECURE_CSP = {}

    answer = Client().get(embed(PollFactory()))

    assert answer.headers["Content-Security-Policy"] == "frame-ancestors *"


def test_embed_needs_no_login(settings: Settings) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    poll = PollFactory()

    answers = [Client().get(f"/polls/{poll.pk}/{tail}") for tail in ("embed/", "embed/piece/", "preview.svg")]

    assert [answer.status_code for answer in answers] == [200] * 3


def test_embed_speaks_the_language_that_the_browser_asks_for_whatever_a_cookie_says(settings: Settings) -> None:
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE[:2],
        "django.middleware.locale.LocaleMiddleware",
        *settings.MIDDLEWARE[2:],
    ]
    settings.LANGUAGE_CODE = "en"
    poll = PollFactory(expires_at=timezone.now() + timedelta(days=3, hours=2))
    german = Client(headers={"accept-language": "de"})
    german.cookies["django_language"] = "fr"

    plain, asked = Client().get(embed(poll)), german.get(embed(poll))

    assert [re.findall('<html lang="(.*?)"', answer.text) for answer in (plain, asked)] == [["en"], ["de"]]
    assert [answer.headers["Content-Language"] for answer in (plain, asked)] == ["en", "de"]
    assert (asked.headers["Vary"], "3\xa0Tage" in asked.text) == ("Accept-Language", True)


class Elsewhere:
    """A middleware of a host that activates what it knows of its users."""

    def __init__(self, get_response: object) -> None:
        self.get_response = get_response

    def __call__(self, request: object) -> object:
        from django.utils import translation  # noqa: PLC0415

        assert callable(self.get_response)
        with timezone.override("Asia/Tokyo"), translation.override("de"):
            return self.get_response(request)


def test_embed_tells_times_in_the_zone_of_the_site_and_in_its_language(settings: Settings) -> None:
    poll = PollFactory(expires_at=timezone.now() + timedelta(days=3))
    before = Client().get(embed(poll)).text
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Elsewhere"]

    after = Client().get(embed(poll)).text

    assert after == before
    assert ("Asia/Tokyo" in after, "(UTC)" in after) == (False, True)


HOSTILE = "</title><script>alert(1)</script>\"'><b>"


def test_hostile_texts_are_texts() -> None:
    poll = PollFactory(title=HOSTILE, description=HOSTILE, options=0)
    OptionFactory(poll=poll, text=HOSTILE)
    OptionFactory(poll=poll, text="Plain")
    hidden = PollFactory(title=HOSTILE, options=0, visibility="never")
    OptionFactory(poll=hidden, text=HOSTILE)

    pages = [Client().get(embed(each, tail)).text for each in (poll, hidden) for tail in ("", "piece/")]

    assert ["<b>" in page or "alert(1)</script>" in page for page in pages] == [False] * 4
    assert ["&lt;b&gt;" in page for page in pages] == [True] * 4


@pytest.mark.parametrize("tail", ["embed/", "embed/piece/", "preview.svg"])
@pytest.mark.parametrize("visibility", ["after_vote", "after_close", "managers", "never"])
def test_two_worlds_look_the_same(visibility: str, tail: str, owners: Client) -> None:
    soon = timezone.now() + timedelta(days=2, hours=1)
    poll = PollFactory(visibility=visibility, vote_change=Until.CLOSE, expires_at=soon)
    first, second = poll.options.all()
    voters = [Voter.from_user(user) for user in UserFactory.create_batch(3)]
    clients = (Client(), owners)

    def world() -> list[object]:
        answers = [client.get(f"/polls/{poll.pk}/{tail}") for client in clients]
        return [(answer.status_code, answer.content, sorted(answer.headers.items())) for answer in answers]

    nobody = world()
    for voter in voters:
        cast_vote(poll, voter, Ballot.of(first.pk))
    one = world()
    for voter in voters:
        replace_vote(poll, voter, Ballot.of(second.pk))

    assert world() == one == nobody


@pytest.mark.parametrize("options", [2, 6])
@pytest.mark.parametrize(("tail", "queries"), [("embed/", 4), ("embed/piece/", 4), ("preview.svg", 4)])
def test_number_of_statements(
    tail: str, queries: int, options: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    poll = PollFactory(options=options)
    vote(poll, *range(options))

    with django_assert_num_queries(queries):
        Client().get(f"/polls/{poll.pk}/{tail}")


def test_reading_writes_nothing() -> None:
    polls = [PollFactory(visibility=visibility) for visibility in Visibility]
    polls.append(PollFactory(expires_at=timezone.now() - timedelta(hours=1)))
    tails = ("embed/", "embed/piece/", "preview.svg")

    with CaptureQueriesContext(connection) as captured:
        for path in [f"/polls/{poll.pk}/{tail}" for poll in polls for tail in tails]:
            Client().get(path)
            Client().head(path)
            Client().options(path)

    written = [query["sql"] for query in captured.captured_queries if not query["sql"].startswith("SELECT")]
    assert [sql for sql in written if "django_polls" in sql] == []


def test_embed_is_only_read() -> None:
    path = embed(PollFactory())

    answers = [getattr(Client(), verb)(path).status_code for verb in ("post", "put", "patch", "delete")]

    assert answers == [405] * 4
