"""Hostile text in every field is shown as text on every page: nothing of it becomes an element, no dialog opens."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice, product
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft, close_poll, create_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.voting import cast_vote
from tests.browser.pages import MAYA
from tests.browser.visitors import Visit

ENDS = ("", '">', "'>", "</title>", "</textarea>", "</script>", "</style>", "--><!-->", "{{ x }}{% y %}", "&#60;")
VECTORS = (
    "<script>alert(1)</script>",
    "<script src=//evil.example/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<body onload=alert(1)>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "<iframe src=javascript:alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<math><a xlink:href=javascript:alert(1)>x</a>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<a href=javascript:alert(1) autofocus onfocus=alert(1)>x</a>",
    '" autofocus onfocus=alert(1) x="',
    "' onmouseover=alert(1) style=position:fixed;inset:0 x='",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "${alert(1)}<form><button formaction=javascript:alert(1)>x",
)
PAYLOADS = [end + vector for end, vector in product(ENDS, VECTORS)]
KINDS: tuple[Mapping[str, object], ...] = (
    {"method": "single"},
    {"method": "approval", "max_options": 2},
    {"method": "ranked"},
    {"method": "score", "max_score": 1, "grades": f"{PAYLOADS[0]}\n{PAYLOADS[21]}"},
    {"method": "dots", "points": 5},
    {"method": "yes_no", "reasons": "optional"},
)
# What no page of ours has, except the mark of a paper that was refused.
ELEMENTS = """() => [...document.querySelectorAll("*")].filter((element) =>
  ["IFRAME", "OBJECT", "EMBED", "BASE", "MARQUEE", "VIDEO", "MATH", "IMG"].includes(element.tagName)
  || element.httpEquiv || (element.tagName === "SCRIPT" && !element.src.startsWith(location.origin))
  || [...element.attributes].some(({ name, value }) => name.startsWith("on") || value.startsWith("javascript:"))
).map((element) => element.outerHTML)"""


def packed(length: int) -> Iterator[str]:
    """Yield all payloads, as many to a text as it holds, over and over."""
    texts = [""]
    for payload in PAYLOADS:
        fuller = f"{texts[-1]} {payload}".strip()
        texts = [*texts[:-1], fuller] if len(fuller) <= length else [*texts, payload]
    return cycle(texts)


def hostile_polls(count: int) -> Iterator[Poll]:
    """Yield open polls, of each method in turn, with a vote in each, whose texts hold all payloads between them."""
    maya = get_user_model()._default_manager.get(username=MAYA)
    titles, options, texts = packed(180), packed(480), packed(4_900)
    for number, kind in zip(range(count), cycle(KINDS), strict=False):
        fields = {"title": next(titles), "description": next(texts), "correction": next(texts), **kind}
        drafts = [OptionDraft(f"{place} {next(options)}") for place in range(4)]
        poll = create_poll(PollDraft({**fields, "guest_identity": "cookie"}, drafts), created_by=maya)
        if kind["method"] in {"single", "approval", "yes_no"}:
            reason = next(texts)[:900] if "reasons" in kind else ""
            voter = Voter.from_user(maya) if number % 2 else Voter.from_token(bytes(16))
            cast_vote(poll, voter, Ballot.of(poll.options.all()[0].pk), reason=reason)
        yield poll


def titles_needed() -> int:
    """Return how many polls it takes for every payload to stand in a title."""
    titles = packed(180)
    first = next(titles)
    return 1 + next(number for number, title in enumerate(titles) if title == first)


@pytest.fixture(scope="module")
def polls(site: str) -> Sequence[Poll]:
    return list(hostile_polls(titles_needed()))


def test_there_are_200_payloads() -> None:
    assert len(set(PAYLOADS)) == 200


def test_payload_that_became_an_element_is_found(visit: Visit) -> None:
    visitor = visit(bypass_csp=True)
    visitor.go("/polls/")

    missed = []
    for vector in VECTORS:
        page = visitor.page
        page.evaluate("html => { document.querySelector('main').innerHTML = html; }", vector.lstrip("\"'"))
        missed += [vector] if not page.evaluate(ELEMENTS) else []

    # What wants to be an attribute, or the body of a page, finds none of either here.
    assert missed == [vector for vector in VECTORS if vector[0] in "\"'" or vector.startswith("<body")]
    assert "dialog: 1" in visitor.problems
    visitor.problems.clear()


@pytest.mark.parametrize("name", ["detail", "results", "edit", "manage", "embed"])
def test_texts_of_a_poll_are_text(visit: Visit, polls: Sequence[Poll], name: str) -> None:
    # Without the policy, which would keep from running what had become a script.
    visitor = visit(user=MAYA, bypass_csp=True)

    found = []
    for poll in polls:
        visitor.go_to(poll, name)
        found += visitor.page.evaluate(ELEMENTS)

    assert found == []


def test_texts_of_polls_are_text_in_the_admin(visit: Visit, polls: Sequence[Poll]) -> None:
    visitor = visit(user="demo_admin", bypass_csp=True)
    paths = [reverse("admin:django_polls_poll_changelist"), reverse("admin:django_polls_analytics")]
    for poll in polls[: len(KINDS)]:
        paths += [
            reverse(f"admin:django_polls_poll_{page}", args=[poll.pk]) for page in ("change", "analytics", "delete")
        ]

    found = []
    for path in paths:
        visitor.go(path)
        # The admin has pictures and scripts of its own.
        found += [element for element in visitor.page.evaluate(ELEMENTS) if "/static/admin/" not in element]

    assert (len(paths) > 10, found) == (True, [])


def test_texts_of_a_closed_poll_are_text(visit: Visit, site: str) -> None:
    visitor = visit(bypass_csp=True)
    reasons = packed(190)

    found = []
    for poll in hostile_polls(titles_needed()):
        visitor.go_to(close_poll(poll, reason=next(reasons)))
        found += visitor.page.evaluate(ELEMENTS)

    assert found == []


def test_texts_in_lists_and_searches_are_text(visit: Visit, polls: Sequence[Poll]) -> None:
    visitor = visit(user=MAYA, bypass_csp=True)

    visitor.go("/polls/?list=mine")
    found = visitor.page.evaluate(ELEMENTS)
    # Searches look for eight words at most; each payload stands in the field that shows what was looked for.
    for words in set(islice(packed(180), titles_needed())):
        visitor.go(f"/polls/?{urlencode({'q': words})}")
        found += visitor.page.evaluate(ELEMENTS)

    assert found == []
