"""A browser without scripts: it reads the forms of a page, fills them in and sends them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from django.http import HttpResponse
from django.test import Client

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    Response = _MonkeyPatchedWSGIResponse
else:
    Response = HttpResponse

Values = dict[str, list[str]]
TICKED = {"checkbox", "radio"}


class Page(HTMLParser):
    """What a page says: its title, its text, and what each of its forms would send, by the address it goes to."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.status = response.status_code
        self.forms: dict[str, Values] = {}
        self.links: list[str] = []
        self.title = self.text = ""
        self._form: Values = defaultdict(list)
        self._tag = self._name = ""
        self.feed(response.content.decode())
        self.text = " ".join(self.text.split())
        self.title = " ".join(self.title.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._tag = tag
        if tag == "form":
            self._form = self.forms.setdefault(found.get("action", ""), defaultdict(list))
        elif tag == "a":
            self.links.append(found.get("href", ""))
        elif tag == "input":
            self._read_input(found)
        elif tag in {"select", "textarea"}:
            self._name = found["name"]
            if tag == "textarea":
                self._form[self._name] = [""]
        elif tag == "option" and "selected" in found:
            self._form[self._name] = [found["value"]]

    def _read_input(self, found: Mapping[str, str]) -> None:
        if (found.get("type") in TICKED and "checked" not in found) or "disabled" in found:
            return
        if found.get("name"):
            self._form[found["name"]].append(found.get("value", "on" if found.get("type") in TICKED else ""))

    def handle_data(self, data: str) -> None:
        if self._tag == "title":
            self.title += data
        if self._name and self._tag == "textarea":
            self._form[self._name] = [data.removeprefix("\r\n").removeprefix("\n")]
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""
        if tag in {"select", "textarea"}:
            self._name = ""


class Browser:
    """One browser: it keeps cookies, and follows the redirect after a form."""

    def __init__(self, address: str = "192.0.2.1") -> None:
        self.client = Client(REMOTE_ADDR=address, enforce_csrf_checks=True)
        self.url = ""

    def open(self, url: str) -> Page:
        """Open an address."""
        self.url = url
        return Page(self.client.get(url))

    def send(self, page: Page, action: str, values: Mapping[str, str | Iterable[str]] | None = None) -> Page:
        """Send the form of a page that goes to this address, filled in with these values, and follow where it leads."""
        form = {**page.forms[action], **(values or {})}
        url = urljoin(self.url, action)
        response = self.client.post(url, form)
        self.url = response.headers.get("Location", url)
        return self.open(self.url) if response.status_code == 302 else Page(response)
