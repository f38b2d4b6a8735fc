"""A poll stands on a page of another origin: as high as it is, without a cookie, and with its votes cast elsewhere."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.voting import cast_vote
from tests.browser.test_refusals import open_poll
from tests.browser.visitors import Visit, Visitor

Host = Callable[[str], str]
VOTER = Voter.from_token(b"somebody else!!!")


@pytest.fixture
def host() -> Iterator[Host]:
    """Return what serves a page of this body on an origin of its own, and returns its address."""
    pages: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def serve(body: str) -> str:
        path = f"/{len(pages)}"
        pages[path] = f"<!DOCTYPE html><html lang=en><title>Host</title><link rel=icon href=data:,>{body}</html>"
        return f"http://localhost:{server.server_port}{path}"

    yield serve
    server.shutdown()
    server.server_close()
    thread.join()


def address(site: str, poll: Poll, tail: str = "") -> str:
    return f"{site}{reverse('django_polls:poll-detail', args=[poll.pk])}{tail}"


def settled(visitor: Visitor) -> str:
    """Return how high the poll in the frame is once it is all there."""
    inner = visitor.page.frame_locator("django-poll iframe")
    expect(inner.locator("h1")).to_be_visible()
    inner.locator("html").evaluate("() => document.fonts.ready.then(() => true)")
    height = inner.locator("html").evaluate("root => Math.ceil(root.getBoundingClientRect().height)")
    return str(height)


def test_frame_shows_the_poll_without_a_cookie_and_leads_to_a_page_of_its_own(visit: Visit, host: Host) -> None:
    poll, ids = open_poll()
    cast_vote(poll, VOTER, Ballot.of(ids[0]))
    visitor = visit()

    visitor.page.goto(host(f'<iframe title=Poll src="{address(visitor.site, poll, "embed/")}"></iframe>'))
    frame = visitor.page.frame_locator("iframe")
    expect(frame.locator(".polls-bar-figure").first).to_contain_text("1")
    cookies = visitor.context.cookies()
    with visitor.context.expect_page() as opened:
        frame.get_by_role("link", name="Vote").click()

    assert (cookies, frame.locator("form").count()) == ([], 0)
    assert opened.value.url == address(visitor.site, poll)
    assert opened.value.evaluate("window.opener") is None


def test_component_is_as_high_as_the_poll(visit: Visit, host: Host) -> None:
    poll, _ids = open_poll()
    visitor = visit()
    script = f"{visitor.site}/static/django_polls/django-poll.js"

    visitor.page.goto(
        host(
            f'<script defer src="{script}"></script>'
            f'<django-poll src="{address(visitor.site, poll)}">Lunch</django-poll>'
        )
    )
    frame = visitor.page.locator("django-poll iframe")

    expect(frame).to_have_attribute("title", "Lunch")
    expect(frame).to_have_attribute("height", settled(visitor))


def test_component_hears_nobody_but_its_frame(visit: Visit, host: Host) -> None:
    poll, _ids = open_poll()
    visitor = visit()
    script = f"{visitor.site}/static/django_polls/django-poll.js"
    visitor.page.goto(host(f'<script defer src="{script}"></script><django-poll src="{address(visitor.site, poll)}">'))
    frame = visitor.page.locator("django-poll iframe")
    before = settled(visitor)
    expect(frame).to_have_attribute("height", before)

    visitor.page.evaluate("postMessage({ type: 'django-polls:height', height: 9000 }, '*')")
    visitor.page.wait_for_function("new Promise((done) => setTimeout(() => done(true), 50))")

    assert frame.get_attribute("height") == before


def test_page_with_the_paper_is_shown_in_no_frame(visit: Visit, host: Host) -> None:
    poll, _ids = open_poll()
    visitor = visit()

    visitor.page.goto(host(f'<iframe title=Poll src="{address(visitor.site, poll)}"></iframe>'))
    frame = visitor.page.frame_locator("iframe")

    assert frame.locator("form").count() == 0
    assert [problem for problem in visitor.problems if "frame-ancestors" in problem] != []
    visitor.problems.clear()
