"""The picture of a poll as SVG."""

import re
import runpy
import sys
from types import ModuleType
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from django.db.models import QuerySet
from django.test import Client, override_settings
from django.urls import include, path

import django_polls.urls
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.voting import cast_vote
from tests.factories import OptionFactory, PollFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

SVG = "{http://www.w3.org/2000/svg}"


def picture(poll: Poll) -> ET.Element:
    answer = Client().get(f"/polls/{poll.pk}/preview.svg")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    return ET.fromstring(answer.content)


def texts(root: ET.Element) -> list[str]:
    return [found.text or "" for found in root.iter(f"{SVG}text")]


def vote(poll: Poll, *numbers: int) -> None:
    for number in numbers:
        cast_vote(poll, Voter(uuid4()), Ballot.of(poll.options.all()[number].pk))


def test_picture_shows_bars_where_everybody_sees_results() -> None:
    poll = PollFactory(title="Tea or coffee?")
    vote(poll, 1, 1, 1, 0)

    root = picture(poll)

    bars = [
        (box.get("x"), box.get("width"), box.get("fill"))
        for box in root.iter(f"{SVG}rect")
        if box.get("height") == "14"
    ]
    assert (root.get("width"), root.get("height")) == ("1200", "630")
    assert texts(root) == ["Open · 4 votes", "Tea or coffee?", "Option 2", "75.0%", "Option 1", "25.0%"]
    assert bars == [
        ("96", "1008", "#d3ddd8"),
        ("96", "756.0", "#0b6e4f"),
        ("96", "1008", "#d3ddd8"),
        ("96", "252.0", "#7b8b84"),
    ]


@pytest.mark.parametrize("visibility", ["after_vote", "after_close", "managers", "never"])
def test_picture_shows_options_and_no_figure_where_results_are_hidden(visibility: str) -> None:
    poll = PollFactory(visibility=visibility, title="Tea or coffee?")
    vote(poll, 1, 1, 1, 0)

    assert texts(picture(poll)) == ["Open", "Tea or coffee?", "Option 1", "Option 2"]


def test_picture_shows_five_options_and_that_there_are_more() -> None:
    shown, hidden = PollFactory(options=7), PollFactory(options=7, visibility="never")
    vote(shown, *range(5))

    written = [texts(picture(poll)) for poll in (shown, hidden)]

    first = [f"Option {number}" for number in range(1, 6)]
    assert [text for text in written[0][2:] if "%" not in text] == [*first, "…"]
    assert written[1] == ["Open", "Test Poll", *first, "…"]


def test_picture_is_kept_for_some_minutes_and_runs_nothing() -> None:
    path_of = f"/polls/{PollFactory().pk}/preview.svg"

    first = Client().get(path_of)
    again = Client().get(path_of, headers={"if-none-match": first.headers["ETag"]})

    assert {name: first.headers.get(name) for name in ("Cache-Control", "Content-Security-Policy", "Vary")} == {
        "Cache-Control": "public, max-age=300",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Vary": None,
    }
    assert (again.status_code, again.content) == (304, b"")
    assert re.findall(rb"style|<script|href=|url\(", first.content) == []


def test_right_to_left_title_mirrors_the_picture() -> None:
    poll = PollFactory(title="איפה נאכל?", options=0)
    OptionFactory(poll=poll, text="מרק", position=0)
    OptionFactory(poll=poll, text="Pizza", position=1)
    vote(poll, 0)

    root = picture(poll)

    placed = [
        (each.text, each.get("x"), each.get("direction"), each.get("text-anchor")) for each in root.iter(f"{SVG}text")
    ]
    assert placed == [
        ("Open · 1 vote", "1076", "ltr", "end"),
        ("איפה נאכל?", "1104", "rtl", "start"),
        ("מרק", "1104", "rtl", "start"),
        ("100.0%", "96", "ltr", "start"),
        ("Pizza", "1104", "ltr", "end"),
        ("0.0%", "96", "ltr", "start"),
    ]


def test_hostile_texts_leave_the_picture_whole() -> None:
    hostile = "]]></text><script>alert(1)</script>&\"'"
    poll = PollFactory(title=hostile, options=0, visibility="never")
    OptionFactory(poll=poll, text=hostile)
    # As a host's own code could have stored it: no verb takes these.
    QuerySet(Poll).filter(pk=poll.pk).update(title=f"\x0b\ufffe\u202e{hostile}\n")

    root = picture(poll)

    assert list(root.iter(f"{SVG}script")) == []
    assert "".join(texts(root)) == f"Open{hostile * 2}"
    assert root.findtext(f"{SVG}title") == hostile


def test_site_without_pillow_has_no_png(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    found = runpy.run_path(django_polls.urls.__file__)
    urls = ModuleType("urls_without_pillow")
    vars(urls)["urlpatterns"] = [path("polls/", include((found["urlpatterns"], "django_polls")))]
    poll = PollFactory()

    with override_settings(ROOT_URLCONF=urls):
        page, png = Client().get(f"/polls/{poll.pk}/").text, Client().get(f"/polls/{poll.pk}/preview.png")

    assert re.findall('og:image(?::type)?" content="(.*?)"', page) == [
        f"http://testserver/polls/{poll.pk}/preview.svg",
        "image/svg+xml",
    ]
    assert png.status_code == 404
