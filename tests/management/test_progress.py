import io

import pytest

from django_polls.management.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_is_drawn_on_one_line() -> None:
    stream = Terminal()

    with Progress("Casting", 2, stream) as progress:
        progress.advance(2)

    assert stream.getvalue().split("\r")[1:] == [
        "Casting [..............................] 0/2 (0 s)",
        "Casting [##############################] 2/2 (0 s)\n",
    ]


def test_progress_is_drawn_again_once_the_line_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_polls.management.progress.SECONDS_BETWEEN_DRAWINGS", 0)
    stream = Terminal()

    with Progress("Casting", 4, stream) as progress:
        progress.advance()
        progress.advance(2)

    assert [line.split("] ")[1] for line in stream.getvalue().split("\r")[1:]] == [
        "0/4 (0 s)",
        "1/4 (0 s)",
        "3/4 (0 s)",
        "3/4 (0 s)\n",
    ]


def test_progress_off_a_terminal_writes_nothing() -> None:
    stream = io.StringIO()

    with Progress("Casting", 2, stream) as progress:
        progress.advance(2)

    assert stream.getvalue() == ""


def test_progress_of_no_work_is_complete() -> None:
    assert str(Progress("Casting", 0, io.StringIO())).startswith("Casting [##############################] 0/0")
