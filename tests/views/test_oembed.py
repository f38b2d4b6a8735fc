"""The endpoint of oEmbed, and the tags by which other sites find it."""

import re
from html import unescape
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.test.utils import override_script_prefix
from pytest_django import DjangoAssertNumQueries, Settings

from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.voting import cast_vote
from tests.factories import PollFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PREVIEW = "preview.png" if find_spec("PIL") else "preview.svg"
SANDBOX = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox"
META = re.compile(r'<meta (?:name|property)="([\w:]+)" content="(.*?)">')
FOUND = re.compile(r'<link rel="alternate" type="application/json\+oembed" href="(.*?)" title="(.*?)">')


def page_of(poll: Poll, tail: str = "") -> str:
    return f"http://testserver/polls/{poll.pk}/{tail}"


def ask(url: str, **query: str) -> Any:  # noqa: ANN401 - a response with its JSON
    return Client().get("/polls/oembed/", {"url": url, **query})


def test_answer_is_a_frame_with_the_poll() -> None:
    poll = PollFactory(title="Tea & coffee?", options=3)

    answer = ask(page_of(poll))

    assert answer.json() == {
        "version": "1.0",
        "type": "rich",
        "title": "Tea & coffee?",
        "provider_name": "testserver",
        "provider_url": "http://testserver/polls/",
        "cache_age": 300,
        "html": (
            f'<iframe src="{page_of(poll, "embed/")}" title="Tea &amp; coffee?" width="640" height="428" '
            f'sandbox="{SANDBOX}" loading="lazy" frameborder="0"></iframe>'
        ),
        "width": 640,
        "height": 428,
        "thumbnail_url": page_of(poll, PREVIEW),
        "thumbnail_width": 1200,
        "thumbnail_height": 630,
    }
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (
        "application/json",
        "public, max-age=300",
    )
    assert ("Vary" in answer.headers, dict(answer.cookies)) == (False, {})


@pytest.mark.parametrize("tail", ["", "results/", "embed/", "?a=b", "#results"])
def test_any_page_of_the_poll_is_known(tail: str) -> None:
    poll = PollFactory()

    assert ask(page_of(poll, tail)).json() == ask(page_of(poll)).json()


def test_answer_keeps_to_the_limits() -> None:
    poll = PollFactory()

    wide, high = ask(page_of(poll), maxwidth="300").json(), ask(page_of(poll), maxheight="100").json()
    ample = ask(page_of(poll), maxwidth="1200", maxheight="630").json()

    assert [(answer["width"], answer["height"]) for answer in (wide, high, ample)] == [
        (300, 372),
        (640, 100),
        (640, 372),
    ]
    assert ['width="300" height="372"' in wide["html"], 'width="640" height="100"' in high["html"]] == [True, True]
    assert ["thumbnail_url" in answer for answer in (wide, high, ample)] == [False, False, True]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"format": "xml"}, (501, "format_not_implemented")),
        ({"format": ""}, (501, "format_not_implemented")),
        ({"maxwidth": "0"}, (400, "invalid")),
        ({"maxwidth": "-1"}, (400, "invalid")),
        ({"maxheight": "1e3"}, (400, "invalid")),
        ({"maxheight": "9" * 5000}, (400, "invalid")),
        ({"maxwidth": "٣"}, (400, "invalid")),
    ],
)
def test_what_cannot_be_answered_has_the_status_of_the_specification(
    query: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = ask(page_of(PollFactory()), **query)

    assert (answer.status_code, answer.json()["code"]) == expected


def test_url_is_needed() -> None:
    answer = Client().get("/polls/oembed/")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_pages_of_no_public_poll_are_not_found() -> None:
    owner = UserFactory(is_staff=True, is_superuser=True)
    owners = Client()
    owners.force_login(owner)
    poll, draft = PollFactory(), PollFactory(is_draft=True, created_by=owner)
    urls = [
        page_of(draft),
        f"http://testserver/polls/{uuid4()}/",
        "http://testserver/polls/",
        "http://testserver/polls/oembed/",
        page_of(poll, "edit/"),
        page_of(poll, "nothing/"),
        page_of(poll).replace("testserver", "other.example"),
        page_of(poll).replace("testserver", "testserver@other.example"),
        page_of(poll).replace("http:", "javascript:"),
        page_of(poll).removeprefix("http://testserver"),
        "http://[",
        "http://testserver",
        "\x00",
        "",
    ]

    answers = [owners.get("/polls/oembed/", {"url": url}) for url in urls]
    with override_settings(DJANGO_POLLS_POLICY="tests.views.test_embedding.Lavish"):
        answers += [ask(page_of(draft))]
    urls.append("of a draft that a policy shows to everybody")

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * len(urls)


def test_site_below_a_prefix_knows_its_pages() -> None:
    poll = PollFactory()

    with override_script_prefix("/site/"):
        inside, outside = ask(f"http://testserver/site/polls/{poll.pk}/"), ask(page_of(poll))

    assert f'src="http://testserver/site/polls/{poll.pk}/embed/"' in inside.json()["html"]
    assert outside.status_code == 404


def test_site_that_forbids_frames_says_that_a_link_must_do(settings: Settings) -> None:
    settings.DJANGO_POLLS_FRAME_ANCESTORS = []
    poll = PollFactory()

    answer, unknown, page = ask(page_of(poll)), ask(f"http://testserver/polls/{uuid4()}/"), Client().get(page_of(poll))

    assert (answer.status_code, answer.json()["code"]) == (401, "embedding_forbidden")
    assert unknown.status_code == 404
    assert FOUND.findall(page.text) == []


def test_answer_tells_nothing_of_votes() -> None:
    poll = PollFactory(visibility="always")
    before = ask(page_of(poll)).content

    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.all()[0].pk))

    assert ask(page_of(poll)).content == before


def test_hostile_title_is_a_title() -> None:
    poll = PollFactory(title='"><script>alert(1)</script>')

    html = ask(page_of(poll)).json()["html"]

    assert re.findall('title="(.*?)"', html) == ["&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"]


def test_number_of_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    poll = PollFactory()

    with django_assert_num_queries(2):
        ask(page_of(poll))


class TestMetadata:
    def test_pages_tell_other_sites_what_to_show(self) -> None:
        poll = PollFactory(title="Tea & coffee?", description="On\n\nFriday.", visibility="never")

        pages = [Client().get(page_of(poll, tail)).text for tail in ("", "results/")]

        assert [META.findall(page)[1:] for page in pages] == [
            [
                ("description", "On Friday."),
                ("og:type", "website"),
                ("og:title", "Tea &amp; coffee?"),
                ("og:description", "On Friday."),
                ("og:url", page_of(poll)),
                ("og:image", page_of(poll, PREVIEW)),
                ("og:image:type", "image/png" if find_spec("PIL") else "image/svg+xml"),
                ("og:image:width", "1200"),
                ("og:image:height", "630"),
                ("og:image:alt", "Tea &amp; coffee?"),
                ("twitter:card", "summary_large_image"),
            ]
        ] * 2

    def test_pages_lead_to_the_endpoint(self) -> None:
        poll = PollFactory()

        ((address, title),) = FOUND.findall(Client().get(page_of(poll)).text)

        parts = urlsplit(unescape(address))
        assert (parts.path, title) == ("/polls/oembed/", "Test Poll")
        assert parse_qs(parts.query) == {"url": [page_of(poll)], "format": ["json"]}
        assert Client().get(unescape(address)).json()["title"] == "Test Poll"

    def test_description_is_short_and_a_text(self) -> None:
        poll = PollFactory(description='"><script>' + "word " * 100)

        told = dict(META.findall(Client().get(page_of(poll)).text))

        assert len(unescape(told["og:description"])) <= 200
        assert told["og:description"].startswith("&quot;&gt;&lt;script&gt;word word")
        assert told["og:description"].endswith("…")

    def test_poll_without_a_description_is_told_by_its_options(self) -> None:
        told = dict(META.findall(Client().get(page_of(PollFactory())).text))

        assert told["description"] == "Option 1 · Option 2"

    def test_numbers_are_plain_in_every_language(self, settings: Settings) -> None:
        settings.LANGUAGE_CODE, settings.USE_THOUSAND_SEPARATOR = "de", True

        told = dict(META.findall(Client().get(page_of(PollFactory())).text))

        assert (told["og:image:width"], told["og:image:height"]) == ("1200", "630")

    def test_drafts_and_polls_of_some_tell_nothing(self) -> None:
        owner: User = UserFactory(is_staff=True, is_superuser=True)
        owners = Client()
        owners.force_login(owner)
        draft, poll = PollFactory(is_draft=True, created_by=owner), PollFactory()

        with override_settings(DJANGO_POLLS_POLICY="tests.views.test_embedding.Secretive"):
            of_some = owners.get(page_of(poll)).text
        of_nobody = owners.get(page_of(draft)).text

        assert [(META.findall(page)[1:], FOUND.findall(page)) for page in (of_some, of_nobody)] == [([], [])] * 2

    def test_picture_is_svg_where_pillow_s_own_font_lacks_the_letters(self, settings: Settings) -> None:
        poll = PollFactory(title="金曜日")

        plain = dict(META.findall(Client().get(page_of(poll)).text))
        settings.DJANGO_POLLS_PREVIEW_FONT = __file__
        with_font = dict(META.findall(Client().get(page_of(poll)).text))

        assert (plain["og:image"], with_font["og:image"]) == (page_of(poll, "preview.svg"), page_of(poll, PREVIEW))
