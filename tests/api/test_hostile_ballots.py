"""Values that are no ballot, however near they come to one: refused with a code, at once, and nothing is stored."""

from functools import partial
from string import Template
from urllib.parse import quote

import pytest
from pytest_django import Settings

from django_polls.models import Poll
from tests.api.ballots import FORM, Fields, poll_with, stored, url
from tests.api.documented import DocumentedClient
from tests.api.timing import within_a_second

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

JSON = "application/json"
BAD, MALFORMED = "invalid_ballot", "parse_error"
UNKNOWN, TWICE, RANGE = "unknown_option", "duplicate_option", "score_out_of_range"

# What the field is sent to, a body that the poll takes, and bodies around a hostile value.
POLLS: dict[str, Fields] = {
    "ranking": {"method": "ranked", "equal_ranks": True},
    "scores": {"method": "score", "min_score": -1},
    "abstain": {"allows_abstention": True},
    "none_of_these": {"allows_none_of_these": True},
    "reason": {"method": "yes_no", "options": 4, "reasons": "optional"},
}
VALID = {
    "ranking": '{"ranking": [$a, [$b, $c]]}',
    "scores": '{"scores": [{"option_id": $a, "score": -1}]}',
    "abstain": '{"abstain": true}',
    "none_of_these": '{"none_of_these": true}',
    "reason": '{"option_id": $a, "reason": "So."}',
}
IN_JSON = {
    "ranking": '{"ranking": %s}',
    "scores": '{"scores": %s}',
    "abstain": '{"abstain": %s}',
    "none_of_these": '{"none_of_these": %s}',
    "reason": '{"option_id": $a, "reason": %s}',
}
IN_A_FORM = {
    "ranking": "ranking=%s",
    "scores": "scores=%s",
    "abstain": "abstain=%s",
    "none_of_these": "none_of_these=%s",
    "reason": "option_id=$a&reason=%s",
}

NINETEEN, THIRTY = "1" + "0" * 18, "1" + "0" * 30
MANY = 30_000
MARKED = "e" + "\u0301" * 1_001

RANKINGS = {
    **dict.fromkeys(["null", "true", "false", "1", "1.0", '"$a"', "{}", '{"$a": 1}', '"$a,$b"'], BAD),
    **dict.fromkeys(["[null]", "[true]", "[false]", '["$a"]', "[$a.0]", "[1.9]", "[1e0]", "[-0.0]", "[1e30]"], BAD),
    **dict.fromkeys(["[0]", "[-0]", "[-1]", "[-$a]", "[$a, 0]", f"[{NINETEEN[:-1]}]"], UNKNOWN),
    **dict.fromkeys(
        [f"[{NINETEEN}]", f"[-{NINETEEN}]", f"[{THIRTY}]", "[1e400]", "[-1e400]", "[NaN]", "[Infinity]"], MALFORMED
    ),
    **dict.fromkeys(["[[]]", "[[], $a]", "[$a, []]", "[$a, [], $b]", "[[[$a]]]", "[[$a, [$b]]]", "[[$a, null]]"], BAD),
    **dict.fromkeys(['[{"option_id": $a}]', '[{"option_id": $a, "rank": 32767}]', "[[$a, true]]", "[[$a, 1.0]]"], BAD),
    **dict.fromkeys(["[$a, $a]", "[[$a, $a]]", "[$a, [$b, $a]]", "[" + "$a," * 9 + "$a]"], TWICE),
    **dict.fromkeys(['["\u0661"]', '["\\u0661"]', '["1 "]', '["+1"]', '[""]', '["0x1"]'], BAD),
    **dict.fromkeys(['["\\u0000"]', '["\\ud800"]', '"\\udfff"', '["\x00"]'], MALFORMED),
    **dict.fromkeys(["[$a", "[$a,]", "[01]", "[+1]", "[.1]", "['$a']", "[" * 17 + "]" * 17, "[" * 30_000], MALFORMED),
    "[" * 15 + "]" * 15: BAD,
    "[" + "1," * (MANY - 1) + "1]": TWICE,
    "[" + "[]," * 20_000 + "[]]": BAD,
    "[" + "null," * 12_000 + "null]": BAD,
    "[" + ",".join(map(str, range(1_000_000, 1_008_000))) + "]": UNKNOWN,
}

SCORE = '[{"option_id": $a, "score": %s}]'
OPTION = '[{"option_id": %s, "score": 1}]'
SCORES = {
    **dict.fromkeys(["null", "true", "0", "1.0", '"$a:5"', "{}", '{"$a": 5}', '{"option_id": $a, "score": 5}'], BAD),
    **dict.fromkeys(["[5]", "[[$a, 5]]", '["$a:5"]', "[null]", "[true]", "[{}]", "[[]]", "[[[$a, 5]]]"], BAD),
    **dict.fromkeys(['[{"option_id": $a}]', '[{"score": 5}]', '[{"option_id": $a, "Score": 5}]'], BAD),
    **dict.fromkeys(['[{"option_id": $a, "score": 5, "rank": 1}]', '[{"id": $a, "score": 5}]', '[{"": 1}]'], BAD),
    **{
        SCORE % value: BAD
        for value in ("null", "true", '"5"', '"\u0661"', "5.0", "1.9", "-0.0", "1e0", "1e30", "[5]", "{}", '""')
    },
    **{OPTION % value: BAD for value in ("null", "true", '"$a"', '"\u0661"', "$a.0", "[$a]", "{}", '""')},
    **{OPTION % value: UNKNOWN for value in ("0", "-0", "-1", "-$a", NINETEEN[:-1])},
    **{SCORE % value: RANGE for value in ("6", "-2", "32768", "2147483648", NINETEEN[:-1], "-" + NINETEEN[:-2])},
    **{
        SCORE % value: MALFORMED
        for value in (NINETEEN, "-" + NINETEEN, THIRTY, "1e400", "-1e400", "NaN", "-Infinity", '"\\u0000"', "05", "")
    },
    '[{"option_id": $a, "score": 1, "score": 5}]': MALFORMED,
    '[{"option_id": $a, "score": 1, "\\ud800": 5}]': MALFORMED,
    '[{"option_id": $a, "score": 1}, {"option_id": $a, "score": 1}]': TWICE,
    '[{"option_id": $a, "score": 1}, {"option_id": $a, "score": 2}]': TWICE,
    "[" + ",".join(['{"option_id":1,"score":1}'] * 2_400) + "]": TWICE,
    "[" + "{}," * 20_000 + "{}]": BAD,
}

WORDS = {
    **dict.fromkeys(["false", "null", "1", "1.0", "0", "-0", '"true"', '"1"', '""', '"\u0661"', "1e0", "1.9"], BAD),
    **dict.fromkeys(
        ["[]", "[true]", "[[true]]", "{}", '{"a": true}', f'"{"x" * 60_000}"', "[" + "1," * MANY + "1]"], BAD
    ),
    **dict.fromkeys(["1e400", NINETEEN, THIRTY, "NaN", '"\\u0000"', '"\\ud800"', "True", ""], MALFORMED),
}

REASONS = {
    **dict.fromkeys(["null", "true", "false", "0", "1", "1.0", "-0", "[]", '["x"]', "{}", '{"text": "x"}'], BAD),
    **dict.fromkeys(['"\\u0000"', '"\x00"', '"\\ud800"', '"a\\udfff"', THIRTY, "1e400", '"a\nb"', '"'], MALFORMED),
    **dict.fromkeys([f'"{"x" * 1_001}"', f'"{"x" * 60_000}"', f'"{"क़" * 600}"', f'"{MARKED}"'], "reason_too_long"),
    **dict.fromkeys(['"a\u202eb"', '"a\u2066b"', '"a\\u0085b"', '"a\\u001bb"', '"a\ufeffb"'], "reason_invalid"),
}

FORM_RANKINGS = {
    **dict.fromkeys(["", " ", " $a", "$a ", "$a,", ",$a", ",", "$a,,$b", "$a;$b", "[$a]", "%D9%A1", "%EF%BC%91"], BAD),
    **dict.fromkeys(
        ["1.0", "1.9", "1e0", "1e400", "true", "null", "-1", "%2B1", "-0", "0x1", "$a&ranking=", NINETEEN], BAD
    ),
    **dict.fromkeys(["0", "$a,0", "$a&ranking=0", NINETEEN[:-1], "999999999"], UNKNOWN),
    "9," * MANY + "9": TWICE,
    **dict.fromkeys(["$a,$a", "$a&ranking=$a", "$a," * 8_000 + "$a"], TWICE),
    **dict.fromkeys(["%00", "$a%00", "%ED%A0%80", "%FF", "$a" + "&ranking=$a" * 1_000], MALFORMED),
    **dict.fromkeys(["$a&option_id=$a", "$a&ranking[]=$a", "$a&abstain=true", "$a&revision=x", "$a&scores=$a:1"], BAD),
}
FORM_SCORES = {
    **dict.fromkeys(["", ":", "$a", "$a:", ":5", "$a:5:5", "$a:5.0", "$a:%2B5", "$a:--1", "$a: 5", "$a :5"], BAD),
    **dict.fromkeys(["$a:%D9%A1", "%D9%A1:5", "$a:true", "$a:null", "$a:1e0", "$a=5", "$a,5", "$a:-", "-$a:5"], BAD),
    **dict.fromkeys([f"$a:{NINETEEN}", f"$a:-{NINETEEN}", f"$a:{THIRTY}", f"{NINETEEN}:5", "$a:" + "9" * 60_000], BAD),
    **dict.fromkeys(["0:5", "$a:5&scores=0:5", f"{NINETEEN[:-1]}:5"], UNKNOWN),
    **dict.fromkeys(["$a:6", "$a:-2", f"$a:{NINETEEN[:-1]}", f"$a:-{NINETEEN[:-2]}"], RANGE),
    **dict.fromkeys(["$a:5&scores=$a:5", "$a:5&scores=$a:4"], TWICE),
    **dict.fromkeys(["$a:%00", "$a:%ED%A0%80", "$a:5" + "&scores=$a:5" * 1_000], MALFORMED),
}
FORM_WORDS = {
    **dict.fromkeys(["", "True", "TRUE", " true", "true ", "1", "on", "yes", "false", "null", "%D9%A1", "1e400"], BAD),
    **dict.fromkeys(["true&abstain=true&none_of_these=true", "true&option_id=$a", "true&x=y", "x" * 60_000], BAD),
    **dict.fromkeys(["%00", "true%00", "%ED%A0%80"], MALFORMED),
}
FORM_REASONS = {
    **dict.fromkeys(["x&reason=", "x&reason=y"], BAD),
    **dict.fromkeys(["x" * 1_001, "x" * 60_000, quote("क़") * 600], "reason_too_long"),
    **dict.fromkeys(["a%E2%80%AEb", "a%1Bb", "a%7Fb"], "reason_invalid"),
    **dict.fromkeys(["%00", "a%ED%A0%80", "%FF"], MALFORMED),
}

JSON_VALUES = {
    "ranking": RANKINGS,
    "scores": SCORES,
    "abstain": WORDS,
    "none_of_these": WORDS,
    "reason": REASONS,
}
FORM_VALUES = {
    "ranking": FORM_RANKINGS,
    "scores": FORM_SCORES,
    "abstain": FORM_WORDS,
    "none_of_these": FORM_WORDS,
    "reason": FORM_REASONS,
}


def refused(guest: DocumentedClient, poll: Poll, body: str, kind: str) -> list[tuple[int, str]]:
    """Return the statuses and codes of this body cast and set, each told within a second of work."""
    told = []
    for send in (guest.post, guest.put):
        response = within_a_second(partial(send, url(poll), body, content_type=kind))
        told.append((response.status_code, response.json().get("code", "")))
    return told


def assert_refused(guest: DocumentedClient, name: str, values: dict[str, str], around: str, kind: str) -> None:
    """Assert that a poll refuses each value of a field with its code, keeps nothing, and then takes a vote."""
    poll, ids = poll_with(**POLLS[name])
    names = dict(zip("abc", map(str, ids), strict=False))

    told = {value[:80]: refused(guest, poll, Template(around % value).substitute(names), kind) for value in values}

    assert told == {value[:80]: [(400, code)] * 2 for value, code in values.items()}
    assert set(stored().values()) == {0}
    accepted = guest.post(url(poll), Template(VALID[name]).substitute(names), content_type=JSON)
    assert (accepted.status_code, stored()["Vote"]) == (200, 1)


@pytest.fixture(autouse=True)
def _unthrottled(settings: Settings) -> None:
    settings.DJANGO_POLLS_THROTTLE_RATES = {}


@pytest.mark.parametrize("name", POLLS)
def test_hostile_value_in_json(name: str, guest: DocumentedClient) -> None:
    assert_refused(guest, name, JSON_VALUES[name], IN_JSON[name], JSON)


@pytest.mark.parametrize("name", POLLS)
def test_hostile_value_in_a_form(name: str, guest: DocumentedClient) -> None:
    assert_refused(guest, name, FORM_VALUES[name], IN_A_FORM[name], FORM)


@pytest.mark.parametrize(("name", "most"), [("ranking", 11_000), ("scores", 2_000)])
def test_as_many_marks_as_a_body_holds_and_more(name: str, most: int, guest: DocumentedClient) -> None:
    poll, _ids = poll_with(**POLLS[name])

    too_large = refused(guest, poll, body_of_marks(name, 40_000), JSON)
    unknown = refused(guest, poll, body_of_marks(name, most), JSON)

    assert (too_large, unknown) == ([(413, "body_too_large")] * 2, [(400, UNKNOWN)] * 2)


def body_of_marks(name: str, number: int) -> str:
    form = {"ranking": "{}", "scores": '{{"option_id":{},"score":1}}'}[name]
    return f'{{"{name}": [{",".join(map(form.format, range(1, number + 1)))}]}}'
