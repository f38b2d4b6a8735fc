"""Check the package's translations against the texts in its code, or take new texts in first with `--write`.

Texts that `--write` takes in are not translated, so the check that follows lists them. It needs the tools of gettext.
"""

import argparse
import ast
import contextlib
import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.core.management import call_command
from django.core.management.commands import makemessages

from scripts import catalogues
from scripts.environment import ROOT

PACKAGE = ROOT / "src/django_polls"
TOOLS = ("xgettext", "msgmerge", "msgattrib", "msguniq", "msgfmt", "msgunfmt")
# They differ at each run, and a catalogue should differ only with its texts.
DATES = re.compile(r'^"POT-Creation-Date: .*\n', re.MULTILINE)
MARKS = frozenset(
    f"{name}{lazy}" for name in ("gettext", "ngettext", "pgettext", "npgettext") for lazy in ("", "_lazy")
) | {"_"}


class Messages(makemessages.Command):
    """Django's command, which guesses no translation from a text that is alike."""

    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]


def main() -> int:
    """Print what is wrong, a line each, and return 1 if anything is."""
    parser = argparse.ArgumentParser(prog="python -m scripts.translations", description=__doc__)
    parser.add_argument("--write", action="store_true", help="take new texts in, drop old ones, and compile")
    arguments = parser.parse_args()
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        print(f"Translations need gettext, which has {missing[0]}: `apt install gettext` or `brew install gettext`.")
        return 1
    if arguments.write:
        write(PACKAGE)
    found = check(PACKAGE)
    print(*found or [f"The translations are whole: {', '.join(languages_of(PACKAGE))}."], sep="\n")
    return int(bool(found))


def write(package: Path) -> None:
    """Take the texts of the code into the catalogues, and compile them."""
    with extracted(package) as copy:
        for language in languages_of(package):
            source, target = messages_of(copy, language), messages_of(package, language)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(DATES.sub("", source.read_text(encoding="utf-8")), encoding="utf-8")
            subprocess.run(["msgfmt", "--check-format", "-o", str(target.with_suffix(".mo")), str(target)], check=True)


def check(package: Path) -> list[str]:
    """Return what is wrong with the translations of a package, of which nothing is changed."""
    found = list(unseen(package))
    with extracted(package) as copy:
        wanted = catalogues.read(copy / "locale/django.pot")
    for language in languages_of(package):
        found += [f"{language}: {fault}" for fault in _faults(messages_of(package, language), wanted)]
    return found


def languages_of(package: Path) -> list[str]:
    """Return the languages, each of which has a folder."""
    return sorted(folder.name for folder in (package / "locale").glob("*/"))


def messages_of(package: Path, language: str) -> Path:
    """Return the catalogue of a language; beside it is the compiled one."""
    return package / "locale" / language / "LC_MESSAGES/django.po"


@contextlib.contextmanager
def extracted(package: Path) -> Iterator[Path]:
    """Yield a copy of the package with the texts of its code in its catalogues, and in their template."""
    with tempfile.TemporaryDirectory(prefix="django_polls_") as folder:
        copy = shutil.copytree(package, Path(folder, "django_polls"), ignore=shutil.ignore_patterns("__pycache__"))
        (copy / "locale").mkdir(exist_ok=True)
        with contextlib.chdir(copy):
            call_command(
                Messages(),
                locale=languages_of(package),
                verbosity=0,
                add_location="file",
                no_wrap=True,
                no_obsolete=True,
                keep_pot=True,
                stderr=io.StringIO(),  # it tells that there are no settings
            )
        yield copy


def unseen(package: Path) -> Iterator[str]:
    """Yield the calls for a translation in which gettext finds no text: there is none, or it is in an f-string."""
    for path in sorted(package.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
        hidden = {inner for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for inner in ast.walk(node)}
        for call in filter(_is_marked, calls):
            if call in hidden or not isinstance(call.args[0], ast.Constant):
                yield f"{path.relative_to(package)}:{call.lineno}: gettext finds no text in {ast.unparse(call)}"


def _is_marked(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in MARKS


def _faults(path: Path, wanted: catalogues.Catalogue) -> Iterator[str]:
    compiled = path.with_suffix(".mo")
    for each in (path, compiled):
        if not each.exists():
            yield f"there is no {each.name}"
            return
    catalogue = catalogues.read(path)
    yield from catalogues.faults(catalogue, wanted)
    shown = subprocess.run(["msgunfmt", str(compiled)], check=True, capture_output=True, text=True, encoding="utf-8")
    if catalogues.translated(catalogues.entries_in(shown.stdout)) != catalogues.translated(catalogue):
        yield f"{compiled.name} is not what {path.name} compiles to"


if __name__ == "__main__":
    sys.exit(main())
