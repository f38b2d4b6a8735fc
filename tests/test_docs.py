"""The documentation says what the code does: every code of a refusal, every signal, every command, and no dead link."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.dispatch import Signal

from django_polls import exceptions, signals
from django_polls.api import errors

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = re.compile(r"`([a-z_]+)`")
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#]+)")


def page(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")


def refusals(family: type[exceptions.PollError] = exceptions.PollError) -> Iterator[type[exceptions.PollError]]:
    for child in family.__subclasses__():
        yield child
        yield from refusals(child)


def test_every_refusal_is_documented_under_its_status() -> None:
    families = (exceptions.PollError, *exceptions.PollError.__subclasses__(), errors.InvalidFields)
    modules = {exceptions.__name__, errors.__name__}
    told = [refusal for refusal in refusals() if refusal not in families and refusal.__module__ in modules]
    statuses = {refusal.code: refusal.status for refusal in told}
    rows = page("rest-api.md").partition("## Refusals")[2].splitlines()

    documented = {code: row for row in rows if row.startswith("| ") for code in CODE.findall(row)}

    assert {code: str(status) in documented[code].split("|")[1] for code, status in statuses.items()} == dict.fromkeys(
        statuses, True
    )


def test_every_signal_is_documented() -> None:
    sent = {name for name, signal in vars(signals).items() if type(signal) is Signal}

    assert sent == set(re.findall(r"^\| `(\w+)`", page("signals.md"), re.MULTILINE))


def test_every_command_is_documented() -> None:
    ours = {name for name, app in get_commands().items() if app == "django_polls"}

    assert ours == set(re.findall(r"^\| `(\w+)", page("commands.md"), re.MULTILINE))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    links = LINK.findall(path.read_text(encoding="utf-8"))

    dead = [link for link in links if not (path.parent / link).exists()]

    assert dead == []
