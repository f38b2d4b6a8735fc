"""What is wrong with a catalogue of translations: every fault planted once in one that has none."""

import pytest

from scripts.catalogues import Plurals, entries_in, faults, plurals_of

pytestmark = pytest.mark.pure

HEADER = 'msgid ""\nmsgstr ""\n"Language: de\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
CATALOGUE = f"""# German.
{HEADER}
#: voting.py
msgid "Every vote counts."
msgstr "Jede Stimme zählt."

#, python-format
msgid "Mark at most %(most)s options."
msgstr "Höchstens %(most)s Optionen ankreuzen."

#, python-format
msgid "%(number)d vote for %(option)s"
msgid_plural "%(number)d votes for %(option)s"
msgstr[0] "eine Stimme für %(option)s"
msgstr[1] "%(number)d Stimmen für %(option)s"

msgctxt "to shut"
msgid ""
"Really "
"close?"
msgstr "Wirklich schließen?"
"""
WANTED = entries_in(CATALOGUE)
ARABIC = (
    "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5;\n"
)


def found(catalogue: str) -> list[str]:
    return list(faults(entries_in(catalogue), WANTED))


def test_whole_catalogue_has_no_fault() -> None:
    assert found(CATALOGUE) == []


def test_entry_is_read_with_its_context_its_forms_and_its_lines_joined() -> None:
    assert list(WANTED) == [
        ("", ""),
        ("", "Every vote counts."),
        ("", "Mark at most %(most)s options."),
        ("", "%(number)d vote for %(option)s"),
        ("to shut", "Really close?"),
    ]
    assert WANTED["", "%(number)d vote for %(option)s"].translations == (
        "eine Stimme für %(option)s",
        "%(number)d Stimmen für %(option)s",
    )


@pytest.mark.parametrize(
    ("whole", "planted", "fault"),
    [
        (
            'msgid "Every vote counts."\nmsgstr "Jede Stimme zählt."\n',
            "",
            "“Every vote counts.” is missing",
        ),
        (
            'msgctxt "to shut"\n',
            "",
            "“Really close?” is missing",
        ),
        (
            'msgstr "Jede Stimme zählt."',
            'msgstr ""',
            "“Every vote counts.” is not translated",
        ),
        (
            'msgstr[1] "%(number)d Stimmen für %(option)s"',
            'msgstr[1] ""',
            "“%(number)d vote for %(option)s” is not translated",
        ),
        (
            "#: voting.py\n",
            "#: voting.py\n#, fuzzy\n",
            "“Every vote counts.” is marked as fuzzy",
        ),
        (
            'msgstr "Jede Stimme zählt."',
            'msgstr "Jede Stimme zählt"',
            "“Every vote counts.” does not end with the same punctuation as “Jede Stimme zählt”",
        ),
        (
            'msgstr "Jede Stimme zählt."',
            'msgstr "Jede Stimme zählt. "',
            "“Every vote counts.” does not start or end with the same whitespace as “Jede Stimme zählt. ”",
        ),
        (
            'msgstr "Höchstens %(most)s Optionen ankreuzen."',
            'msgstr "Nicht so viele Optionen ankreuzen."',
            "“Mark at most %(most)s options.” lacks %(most)s in “Nicht so viele Optionen ankreuzen.”",
        ),
        (
            'msgstr "Höchstens %(most)s Optionen ankreuzen."',
            'msgstr "Höchstens %(most)s von %(all)s."',
            "“Mark at most %(most)s options.” has no %(all)s, but “Höchstens %(most)s von %(all)s.” does",
        ),
        (
            'msgstr "Höchstens %(most)s Optionen ankreuzen."',
            'msgstr "Höchstens %(most)s % Optionen ankreuzen."',
            "“Mark at most %(most)s options.” has no % , but “Höchstens %(most)s % Optionen ankreuzen.” does",
        ),
        (
            'msgstr[1] "%(number)d Stimmen für %(option)s"',
            'msgstr[1] "Stimmen für %(option)s"',
            "“%(number)d vote for %(option)s” lacks %(number)d in “Stimmen für %(option)s”",
        ),
        (
            'msgstr[0] "eine Stimme für %(option)s"',
            'msgstr[0] "eine Stimme"',
            "“%(number)d vote for %(option)s” lacks %(number)d, %(option)s in “eine Stimme”",
        ),
        (
            'msgstr[1] "%(number)d Stimmen für %(option)s"\n',
            "",
            "“%(number)d vote for %(option)s” has 1 forms and needs 2",
        ),
        (
            "Plural-Forms: nplurals=2; plural=(n != 1);",
            "X-Plural: none",
            "its header does not say how plurals are formed",
        ),
        (
            'msgctxt "to shut"',
            'msgid "Nobody says this any more"\nmsgstr "Das sagt niemand mehr"\n\nmsgctxt "to shut"',
            "“Nobody says this any more” is no longer in the code",
        ),
    ],
)
def test_planted_fault_is_told(whole: str, planted: str, fault: str) -> None:
    assert CATALOGUE.count(whole) == 1

    assert found(CATALOGUE.replace(whole, planted))[:1] == [fault]


def test_punctuation_of_a_language_s_own_ends_a_text_too() -> None:
    assert found(CATALOGUE.replace('"Wirklich schließen?"', '"هل تريد الإغلاق فعلًا؟"')) == []


@pytest.mark.parametrize("percent", ["%%", " %%", "\N{NO-BREAK SPACE}%%", "%%%%"])
def test_sign_of_percent_is_no_placeholder(percent: str) -> None:
    assert found(CATALOGUE.replace("%(most)s Optionen ankreuzen.", f"%(most)s{percent}.")) == []


@pytest.mark.parametrize("loose", ["%.", "%%%."])
def test_sign_of_percent_that_is_not_doubled_is_told(loose: str) -> None:
    text = f"Höchstens %(most)s{loose}"

    assert found(CATALOGUE.replace("Höchstens %(most)s Optionen ankreuzen.", text)) == [
        f"“Mark at most %(most)s options.” has no %., but “{text}” does"
    ]


def test_forms_for_one_number_alone_are_known() -> None:
    assert plurals_of(ARABIC) == Plurals(6, frozenset({0, 1, 2}))
    assert plurals_of("nplurals=2; plural=(n > 1);\n") == Plurals(2, frozenset())
