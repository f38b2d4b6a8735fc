"""What a browser would send back of a form that nobody has touched."""

from collections.abc import Mapping
from html.parser import HTMLParser


def is_sent(field: Mapping[str, str | None]) -> bool:
    """Whether a browser sends this input without being asked to."""
    kind = field.get("type")
    return "checked" in field if kind in {"checkbox", "radio"} else kind not in {"submit", "button"}


class Form(HTMLParser):
    """The names and values of a page's fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name") or ""
        if tag in {"select", "textarea"}:
            self._inside = name
        elif tag == "option" and "selected" in found:
            self.values[self._inside] = found.get("value") or ""
        elif tag == "input" and name and is_sent(found):
            self.values[name] = found.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._inside and self.lasttag == "textarea":
            # The line break after the tag is not part of the text.
            self.values[self._inside] = data.removeprefix("\r\n").removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self._inside = ""
