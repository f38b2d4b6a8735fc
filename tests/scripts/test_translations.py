"""The check of the translations as a whole, on copies of the package with faults in their files."""

import shutil
from pathlib import Path

import pytest

from scripts.translations import TOOLS, check, messages_of, write

pytestmark = [
    pytest.mark.pure,
    pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="the tools of gettext are not installed"),
]

HEADER = r"""msgid ""
msgstr ""
"Report-Msgid-Bugs-To: \n"
"Language: de\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return a package of two texts that is translated into German."""
    messages = messages_of(tmp_path / "small", "de")
    messages.parent.mkdir(parents=True)
    messages.write_text(f'{HEADER}\nmsgid "Yes"\nmsgstr "Ja"\n\nmsgid "No"\nmsgstr "Nein"\n', encoding="utf-8")
    (tmp_path / "small/answers.py").write_text('ANSWERS = (_("Yes"), _("No"))\n', encoding="utf-8")
    write(tmp_path / "small")
    return tmp_path / "small"


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_check_changes_nothing(small: Path) -> None:
    (small / "answers.py").write_text('ANSWERS = (_("Yes"), _("No"), _("Perhaps"))\n', encoding="utf-8")
    before = contents(small)

    found = check(small)

    assert (found, contents(small)) == (["de: “Perhaps” is missing"], before)


def test_write_takes_in_new_texts_drops_old_ones_and_says_no_date(small: Path) -> None:
    (small / "answers.py").write_text('ANSWERS = (_("Yes"), _("Perhaps"))\n', encoding="utf-8")

    write(small)

    assert messages_of(small, "de").read_text(encoding="utf-8") == (
        f'{HEADER}\n#: answers.py\nmsgid "Yes"\nmsgstr "Ja"\n\n#: answers.py\nmsgid "Perhaps"\nmsgstr ""\n'
    )
    assert check(small) == ["de: “Perhaps” is not translated"]


def test_write_changes_nothing_the_second_time(small: Path) -> None:
    before = contents(small)

    write(small)

    assert contents(small) == before


def test_compiled_catalogue_that_is_an_old_one_is_told(small: Path) -> None:
    messages = messages_of(small, "de")
    messages.write_text(messages.read_text(encoding="utf-8").replace("Nein", "Nö"), encoding="utf-8")

    assert check(small) == ["de: django.mo is not what django.po compiles to"]


@pytest.mark.parametrize("name", ["django.po", "django.mo"])
def test_file_that_is_not_there_is_told(small: Path, name: str) -> None:
    messages_of(small, "de").with_name(name).unlink()

    assert check(small) == [f"de: there is no {name}"]


def test_texts_that_gettext_cannot_find_are_told(small: Path) -> None:
    with (small / "answers.py").open("a", encoding="utf-8") as code:
        code.write("def told(name):\n    return gettext_lazy(name) + f\"{_('Yes')}\"\n")

    assert check(small) == [
        "answers.py:3: gettext finds no text in gettext_lazy(name)",
        "answers.py:3: gettext finds no text in _('Yes')",
    ]
