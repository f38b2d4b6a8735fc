"""People in front of a browser: each with cookies of their own, and with an eye on whatever it complains of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Response

from django_polls.models import Poll
from tests.browser.pages import Page as Shown

# Chromium says of every answer like this that it failed, the page of a refused ballot included.
REFUSAL_LOGGED = "Failed to load resource: the server responded with a status of 4"
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
  reportViolation(`${effectiveDirective} ${blockedURI}`);
});
"""
SEND = """([action, values]) => {
  const form = document.body.appendChild(document.createElement("form"));
  Object.assign(form, { method: "post", action });
  Object.entries(values).forEach(([name, value]) => {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  });
  form.submit();
}"""
MOST_STOPS = 120


@dataclass
class Visitor:
    """Somebody with a browser open on one page, and what has gone wrong in it so far."""

    context: BrowserContext
    page: Page
    site: str
    problems: list[str] = field(default_factory=list)

    def go(self, path: str, **kwargs: Any) -> Response | None:
        """Open a path of the site."""
        return self.page.goto(self.site + path, **kwargs)

    def go_to(self, poll: Poll, name: str = "detail") -> Response | None:
        """Open a page of a poll."""
        return self.go(reverse(f"django_polls:poll-{name}", args=[poll.pk]))

    def open(self, shown: Shown) -> None:
        """Open a page, by a form of a page of its own where something is sent to it."""
        if not shown.sent:
            self.go(shown.path())
            return
        self.go("/polls/")
        with self.page.expect_navigation(wait_until="load"):
            self.page.evaluate(SEND, [shown.path(), {**shown.sent, "csrfmiddlewaretoken": self._token()}])

    def _token(self) -> str:
        token = "t" * 32
        self.context.add_cookies([{"name": "csrftoken", "value": token, "url": self.site}])
        return token

    def tab_to(self, target: Locator) -> None:
        """Press the tabulator until the focus is where it is wanted; fail where it never gets."""
        for _ in range(MOST_STOPS):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not get to {target}")

    def focused(self) -> str:
        """Return the HTML of the element that has the focus, its first tag alone."""
        html: str = self.page.evaluate("document.activeElement.outerHTML")
        return html.partition(">")[0] + ">"

    def log_in(self, name: str) -> None:
        """Log in as a user."""
        client = Client()
        client.force_login(get_user_model()._default_manager.get(username=name))
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.site}])

    def _watch(self) -> None:
        self.context.on("console", self._on_console)
        self.context.on("weberror", lambda error: self.problems.append(f"error: {error.error}"))
        self.context.on("dialog", self._on_dialog)
        self.context.on("response", self._on_response)
        self.context.expose_function("reportViolation", lambda what: self.problems.append(f"violation: {what}"))
        self.context.add_init_script(REPORT_VIOLATIONS)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(REFUSAL_LOGGED):
            self.problems.append(f"console: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_response(self, response: Response) -> None:
        most = 499 if response.request.is_navigation_request() else 399
        if response.status > most:
            self.problems.append(f"{response.status}: {response.url}")


Visit = Callable[..., Visitor]


def visitor(browser: Browser, site: str, *, user: str = "", **options: Any) -> Visitor:
    """Return somebody who has not opened anything yet, logged in as a user of this name if there is one."""
    context = browser.new_context(base_url=site, **options)
    context.set_default_timeout(5_000)
    someone = Visitor(context, context.new_page(), site)
    someone._watch()
    if user:
        someone.log_in(user)
    return someone
