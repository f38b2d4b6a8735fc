"""What a catalogue of translations holds, and what is wrong with it: read as text, without the tools of gettext."""

import ast
import gettext
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")
# One that is written twice is a sign of percent.
LOOSE = re.compile(r"(?<!%)(?:%%)*(%)(?!\(\w+\)[a-z]|%)")
PLURALS = re.compile(r"nplurals=(\d+); plural=(.+?);\n")
ENDS = ".,:;?!…"
# Languages have punctuation of their own: it ends a text as the English one does.
SAME_END = str.maketrans("؟،؛", "?,;")

Key = tuple[str, str]
"""What an entry is found by: its context, if it has one, and its text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A text of the code with its translations: one, or as many as the language has forms of the plural."""

    context: str
    text: str
    plural: str
    translations: tuple[str, ...]
    is_fuzzy: bool

    @property
    def key(self) -> Key:
        return self.context, self.text

    @property
    def original(self) -> str:
        """Return what the placeholders and the punctuation are compared with."""
        return self.plural or self.text

    def __str__(self) -> str:
        return f"“{self.text}”"


HEADER: Key = ("", "")
Catalogue = Mapping[Key, Entry]


@dataclass(frozen=True, slots=True)
class Plurals:
    """How many forms of the plural a language has, and which of them hold for one number alone."""

    forms: int
    exact: frozenset[int]


def entries_in(text: str) -> Catalogue:
    """Return the entries of a catalogue as gettext's tools write it; its header is the one of the empty text."""
    entries = (_entry(block.splitlines()) for block in text.split("\n\n") if re.search(r"^msgid ", block, re.MULTILINE))
    return {entry.key: entry for entry in entries}


def read(path: Path) -> Catalogue:
    return entries_in(path.read_text(encoding="utf-8"))


def translated(catalogue: Catalogue) -> Mapping[Key, tuple[str, ...]]:
    """Return the translations that hold, which are those that are compiled."""
    return {
        entry.key: entry.translations for entry in catalogue.values() if all(entry.translations) and not entry.is_fuzzy
    }


def faults(catalogue: Catalogue, wanted: Catalogue) -> Iterator[str]:
    """Yield what is wrong with a catalogue for these texts of the code, a line each."""
    header = catalogue.get(HEADER)
    declared = plurals_of(header.translations[0]) if header else None
    if declared is None:
        yield "its header does not say how plurals are formed"
        return
    for key, entry in wanted.items():
        if key == HEADER:
            continue
        if key not in catalogue or catalogue[key].plural != entry.plural:
            yield f"{entry} is missing"
        else:
            yield from (f"{entry} {fault}" for fault in _faults(catalogue[key], declared))
    yield from (f"{entry} is no longer in the code" for key, entry in catalogue.items() if key not in wanted)


def plurals_of(header: str) -> Plurals | None:
    """Return what the header of a catalogue says of plurals; None where it says nothing."""
    if not (found := PLURALS.search(header)):
        return None
    form_of = gettext.c2py(found[2])
    held = [form_of(number) for number in range(1_000)]
    return Plurals(int(found[1]), frozenset(form for form in set(held) if held.count(form) == 1))


def _entry(lines: list[str]) -> Entry:
    fields: dict[str, str] = {}
    name = ""
    for line in lines:
        if line.startswith("#"):
            continue
        keyword, _, rest = line.partition('"')
        name = keyword.strip() or name
        fields[name] = fields.get(name, "") + str(ast.literal_eval(f'"{rest}'))
    return Entry(
        fields.get("msgctxt", ""),
        fields["msgid"],
        fields.get("msgid_plural", ""),
        tuple(value for keyword, value in fields.items() if keyword.startswith("msgstr")),
        any(line.startswith("#,") and "fuzzy" in line for line in lines),
    )


def _faults(entry: Entry, plurals: Plurals) -> Iterator[str]:
    if entry.is_fuzzy:
        yield "is marked as fuzzy"
    if not all(entry.translations):
        yield "is not translated"
        return
    forms = plurals.forms if entry.plural else 1
    if len(entry.translations) != forms:
        yield f"has {len(entry.translations)} forms and needs {forms}"
    for form, translation in enumerate(entry.translations):
        yield from _placeholder_faults(entry, translation, may_omit=bool(entry.plural) and form in plurals.exact)
        yield from _edge_faults(entry.original, translation)


def _placeholder_faults(entry: Entry, translation: str, *, may_omit: bool) -> Iterator[str]:
    """Yield placeholders that are lost or unknown; a form for one number alone may say that number in words."""
    needed = set(PLACEHOLDER.findall(entry.original))
    used = set(PLACEHOLDER.findall(translation))
    lost = sorted(needed - used)
    if len(lost) > may_omit:
        yield f"lacks {', '.join(lost)} in “{translation}”"
    unknown = sorted(used - needed - set(PLACEHOLDER.findall(entry.text)))
    if needed:
        unknown += [translation[found.start(1) :][:2] for found in LOOSE.finditer(translation)]
    if unknown:
        yield f"has no {', '.join(unknown)}, but “{translation}” does"


def _edge_faults(original: str, translation: str) -> Iterator[str]:
    if _edges(original) != _edges(translation):
        yield f"does not start or end with the same whitespace as “{translation}”"
    if _end(original) != _end(translation):
        yield f"does not end with the same punctuation as “{translation}”"


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _end(text: str) -> str:
    last = text.rstrip()[-1:].translate(SAME_END)
    return last if last in ENDS else ""
