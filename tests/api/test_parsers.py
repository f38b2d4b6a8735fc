"""Bodies that are refused: each is answered 4xx with a code, at once, and leaves nothing behind."""

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from pytest_django import Settings

from django_polls.api.parsers import MAX_DEPTH
from django_polls.api.views import VoteView
from django_polls.models import Poll, PollOption, Vote
from django_polls.models.counting import COUNTING_FIELDS
from django_polls.models.showing import SHOWING_FIELDS
from tests.api.conftest import client_of
from tests.api.documented import DocumentedClient
from tests.api.timing import within_a_second
from tests.factories import PollFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"


@pytest.fixture
def poll() -> Poll:
    return PollFactory()


@pytest.fixture
def option(poll: Poll) -> PollOption:
    first: PollOption = poll.options.all()[0]
    return first


@pytest.fixture(scope="module", autouse=True)
def _warm_process() -> None:
    """Load the URLs and what they import, which only the first request of a process pays for."""
    DocumentedClient().options("/api/polls/")


def answer(client: DocumentedClient, poll: Poll, body: bytes | str, content_type: str = JSON) -> tuple[int, str]:
    """Post a body as a vote, for less than a second of work, and return the status and the code of the answer."""
    raw: Any = body.encode() if isinstance(body, str) else body
    response = within_a_second(lambda: client.generic("POST", f"/api/polls/{poll.pk}/vote/", raw, content_type))
    return response.status_code, response.json().get("code", "")


MALFORMED = {
    "nothing but white space": " ",
    "no JSON": "{option_id: 1}",
    "a list": "[1]",
    "a number": "1",
    "null": "null",
    "two values": '{"option_id": 1} {"option_id": 2}',
    "a duplicate key": '{"option_id": 1, "option_id": 2}',
    "a duplicate key further in": '{"option_ids": [{"a": 1, "a": 2}]}',
    "NaN": '{"option_id": NaN}',
    "Infinity": '{"option_id": -Infinity}',
    "a number beyond floats": '{"option_id": 1e400}',
    "a number beyond 64 bits": '{"option_id": 99999999999999999999}',
    "a number of 5,000 digits": '{"option_id": ' + "9" * 5_000 + "}",
    "60,000 brackets": "[" * 60_000,
    "60,000 brackets in an object": '{"option_ids": ' + "[" * 30_000 + "]" * 30_000 + "}",
    "a level too many": '{"option_ids": ' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}",
    "quotes without an end": '{"' + '\\"' * 20_000 + "[" * 17,
    "NUL": '{"option_id": "a\\u0000"}',
    "a lone surrogate": '{"option_id": "\\ud800"}',
    "a lone surrogate in a key": '{"\\udfff": 1}',
    "a raw control character": '{"option_id": "\x01"}',
    "a byte order mark": '\ufeff{"option_id": 1}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_json_malformed(body: str, guest: DocumentedClient, poll: Poll) -> None:
    assert answer(guest, poll, body) == (400, "parse_error")
    assert Vote.objects.count() == 0


ENCODED = {
    "UTF-16": '{"option_id": 1}'.encode("utf-16"),
    "UTF-32": '{"option_id": 1}'.encode("utf-32-le"),
    "Latin-1": '{"option_id": "é"}'.encode("latin-1"),
    "a surrogate in UTF-8": b'{"option_id": "\xed\xa0\x80"}',
    "an overlong form": b'{"option_id": "\xc0\xaf"}',
}


@pytest.mark.parametrize("body", ENCODED.values(), ids=ENCODED)
def test_json_not_in_utf_8(body: bytes, guest: DocumentedClient, poll: Poll) -> None:
    assert answer(guest, poll, body) == (400, "parse_error")


# What is no option's id, though something might take it for 1.
NOT_IDS: tuple[object, ...] = (
    *(
        1.0,
        1.9,
        -0.0,
        1e0,
        True,
        False,
        None,
        "",
        "1",
        " 1",
        "1 ",
        "+1",
        "\u0661",
        "1.0",
        "0x1",
        "1_0",
        "one",
        [],
        [1],
        {},
    ),
    *({"id": 1}, {"option_id": 1}, ["1"], "null", "true", "<1>", "1;DROP TABLE", "\u202e1", "\U0001d7cf", "½", "²"),
)


@pytest.mark.parametrize("value", NOT_IDS, ids=repr)
def test_option_id_that_is_no_integer(value: object, guest: DocumentedClient, poll: Poll) -> None:
    assert answer(guest, poll, json.dumps({"option_id": value})) == (400, "invalid_ballot")
    assert Vote.objects.count() == 0


@pytest.mark.parametrize("value", NOT_IDS, ids=repr)
def test_option_ids_that_are_no_integers(value: object, guest: DocumentedClient) -> None:
    poll = PollFactory(method="approval")

    assert answer(guest, poll, json.dumps({"option_ids": [value]})) == (400, "invalid_ballot")


@pytest.mark.parametrize("value", [1, "1", True, None, {"0": 1}, "[1]", 1.0], ids=repr)
def test_option_ids_that_are_no_list(value: object, guest: DocumentedClient) -> None:
    poll = PollFactory(method="approval")

    assert answer(guest, poll, json.dumps({"option_ids": value})) == (400, "invalid_ballot")


@pytest.mark.parametrize("value", [0, -1, 2**31, 2**59, 999_999_999_999_999_999])
def test_option_id_of_no_option(value: int, guest: DocumentedClient, poll: Poll) -> None:
    assert answer(guest, poll, json.dumps({"option_id": value})) == (400, "unknown_option")


def test_option_id_of_another_poll(guest: DocumentedClient, poll: Poll) -> None:
    other = PollFactory().options.first()

    assert answer(guest, poll, json.dumps({"option_id": other.pk})) == (400, "unknown_option")


CONTENT_TYPES = {
    "text/plain": 415,
    "text/json": 415,
    "application/*": 415,
    "*/*": 415,
    "application/xml": 415,
    "": 415,
    "nonsense": 415,
    "application/json-patch+json": 415,
    "application/json; charset=utf-16": 415,
    "application/json; charset=bogus": 415,
    "application/json; charset=utf-7": 415,
    "application/json; charset=bz2_codec": 415,
    'application/json; charset="latin-1"': 415,
    "application/json; charset=UTF-8": 200,
    "APPLICATION/JSON;charset=utf8": 200,
}


@pytest.mark.parametrize(("content_type", "status"), CONTENT_TYPES.items())
def test_content_type(content_type: str, status: int, guest: DocumentedClient, poll: Poll, option: PollOption) -> None:
    code = "" if status == 200 else "unsupported_media_type"

    assert answer(guest, poll, json.dumps({"option_id": option.pk}), content_type) == (status, code)


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART])
def test_body_too_large(content_type: str, guest: DocumentedClient, poll: Poll) -> None:
    assert answer(guest, poll, b" " * 65_537, content_type) == (413, "body_too_large")


@override_settings(DJANGO_POLLS_MAX_BODY_BYTES=10_000, DATA_UPLOAD_MAX_MEMORY_SIZE=1_000)
def test_body_too_large_for_django(guest: DocumentedClient, poll: Poll) -> None:
    assert answer(guest, poll, b" " * 5_000) == (413, "body_too_large")


def test_body_cut_short_counts_for_nobody(guest: DocumentedClient, poll: Poll) -> None:
    options = [PollOption.objects.create(poll=poll, text=f"More {number}") for number in range(9)]
    body = f"option_id={options[-1].pk}"
    broken: dict[str, Any] = {"wsgi.input": BytesIO(body[:-1].encode()), "CONTENT_LENGTH": str(len(body))}

    response = guest.generic("POST", f"/api/polls/{poll.pk}/vote/", "", FORM, **broken)

    assert (response.status_code, response.json()["code"], Vote.objects.count()) == (400, "parse_error", 0)


@pytest.mark.parametrize("length", ["", "x", "-1", "0", "1e3", "99999999999999999999", None])
def test_content_length_that_is_none(length: str | None, guest: DocumentedClient, poll: Poll) -> None:
    path = f"/api/polls/{poll.pk}/vote/"
    request = RequestFactory().generic("POST", path, '{"option_id": 1}', JSON, headers={"content-length": "16"})
    request.META |= {"HTTP_CONTENT_LENGTH": "16", **({} if length is None else {"CONTENT_LENGTH": length})}
    if length is None:
        del request.META["CONTENT_LENGTH"]

    response = VoteView.as_view()(request, id=str(poll.pk))

    assert (400 <= response.status_code < 500, Vote.objects.count()) == (True, 0)


def part(name: str, value: str, extra: str = "") -> str:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n{value}\r\n'


def multipart(*parts: str) -> str:
    return "".join(parts) + "--b--\r\n"


def test_forms_count(guest: DocumentedClient, option: PollOption, poll: Poll) -> None:
    second = PollFactory()
    field = str(second.options.all()[1].pk)

    assert answer(guest, poll, f"option_id={option.pk}", FORM) == (200, "")
    assert answer(guest, second, multipart(part("option_id", field)), MULTIPART) == (200, "")
    assert option.vote_count == 1


def test_form_of_several_options_counts_each(guest: DocumentedClient) -> None:
    poll = PollFactory(method="approval", options=3)
    first, second, third = poll.options.all()

    assert answer(guest, poll, f"option_ids={first.pk}&option_ids={third.pk}", FORM) == (200, "")
    assert [option.vote_count for option in (first, second, third)] == [1, 0, 1]


def form_bodies() -> Iterator[tuple[str, str, str]]:
    for text in ("", " 1", "1 ", "1.0", "+1", "-1", "\u0663", "1e0", "true", "9" * 19, "9" * 5_000):
        yield f"option_id={quote(text)}", FORM, "invalid_ballot"
        yield multipart(part("option_id", text)), MULTIPART, "invalid_ballot"
    for body in ("", "option_id=1&option_id=1", "option_id=1&option_id=2", "option_ids=1", "option_id=1&user=2"):
        yield body, FORM, "invalid_ballot"
    yield multipart(part("option_id", "1"), part("option_id", "1")), MULTIPART, "invalid_ballot"
    for body in ("option_id=%00", "option_id=%ED%A0%80", "option_id=%FF", "%FF=1", "&".join(["a=1"] * 1_001)):
        yield body, FORM, "parse_error"
    file = ('; filename="a.txt"', "\r\nContent-Type: text/plain")
    yield multipart(part("option_id", "1", file[0])), MULTIPART, "parse_error"
    yield multipart(part("option_id", "1"), part("f", "1", "".join(file))), MULTIPART, "parse_error"
    yield multipart(part("option_id", "\0")), MULTIPART, "parse_error"
    yield multipart(part("option_id", "1")), "multipart/form-data", "parse_error"
    yield multipart(part("option_id", "1")), "multipart/form-data; boundary=é", "parse_error"


@pytest.mark.parametrize(("body", "content_type", "code"), list(form_bodies()), ids=lambda value: value[:30])
def test_form_refused(body: str, content_type: str, code: str, guest: DocumentedClient, poll: Poll) -> None:
    assert answer(guest, poll, body, content_type) == (400, code)
    assert Vote.objects.count() == 0


def test_file_is_never_stored(guest: DocumentedClient, poll: Poll, tmp_path: Path) -> None:
    with override_settings(FILE_UPLOAD_TEMP_DIR=str(tmp_path), FILE_UPLOAD_MAX_MEMORY_SIZE=0):
        response = guest.post(f"/api/polls/{poll.pk}/vote/", {"option_id": SimpleUploadedFile("a", b"1" * 1_000)})

    assert (response.status_code, response.json()["code"], list(tmp_path.iterdir())) == (400, "parse_error", [])


class ReadsForms:
    """A host's middleware that looks at every form before any view does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.POST.get("anything")
        response: HttpResponse = self.get_response(request)
        return response


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([part("option_id", "{option}")], 200),
        ([part("option_id", "{option}"), part("f", "1", '; filename="a.txt"')], 400),
        ([part("option_id", "{option}"), part("option_id", "{option}")], 400),
        ([part("option_id", "{option}\0")], 400),
    ],
)
def test_form_read_before_by_a_middleware_is_read_as_strictly(
    parts: list[str], status: int, guest: DocumentedClient, poll: Poll, option: PollOption, settings: Settings
) -> None:
    settings.MIDDLEWARE = [f"{__name__}.ReadsForms", *settings.MIDDLEWARE]
    body = multipart(*parts).replace("{option}", str(option.pk))

    assert answer(guest, poll, body, MULTIPART)[0] == status


class ReadsBodies(ReadsForms):
    """A host's middleware that logs every body after the view."""

    seen: list[bytes] = []

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        self.seen.append(request.body)
        return response


@pytest.mark.parametrize(
    ("content_type", "form"), [(JSON, '{{"option_id": {}}}'), (FORM, "option_id={}"), (MULTIPART, "")]
)
def test_body_can_be_read_after_the_view(
    content_type: str, form: str, guest: DocumentedClient, poll: Poll, option: PollOption, settings: Settings
) -> None:
    settings.MIDDLEWARE = [f"{__name__}.ReadsBodies", *settings.MIDDLEWARE]
    body = form.format(option.pk) if form else multipart(part("option_id", str(option.pk)))

    assert answer(guest, poll, body, content_type) == (200, "")
    assert ReadsBodies.seen.pop() == body.encode()


MODEL_FIELDS = {field.name for model in (Poll, PollOption, Vote) for field in model._meta.get_fields()}


@pytest.mark.parametrize("name", sorted({*MODEL_FIELDS, "poll_id", "weight", "_method"} - {"revision"}))
def test_vote_takes_no_field_of_the_models(name: str, guest: DocumentedClient, poll: Poll, option: PollOption) -> None:
    body = {"option_id": option.pk, name: 1}

    assert answer(guest, poll, json.dumps(body)) == (400, "invalid_ballot")


WRITABLE = {
    *("title", "description", "options", "method", "min_options", "max_options", "is_draft", "opens_at", "expires_at"),
    *("visibility", "electorate", "groups", "permission", "guest_identity", "vote_change", "vote_withdrawal"),
    *("accepts_new_options", "correction", "metadata", *COUNTING_FIELDS, *SHOWING_FIELDS),
}


@pytest.mark.parametrize("name", sorted(MODEL_FIELDS - WRITABLE))
def test_poll_takes_no_other_field_of_the_models(name: str, owner: User) -> None:
    poll, client = PollFactory(created_by=owner), client_of(owner)
    created = client.post(
        "/api/polls/", {"title": "T", "options": [{"text": "A"}, {"text": "B"}], name: 1}, format="json"
    )
    edited = client.patch(f"/api/polls/{poll.pk}/", {"correction": "C", name: poll.revision}, format="json")

    refused = (400, {name: ["This is not expected here."]})
    assert (created.status_code, created.json()["errors"]) == refused
    if name != "revision":
        assert (edited.status_code, edited.json()["errors"][name]) == (400, ["This is not expected here."])


@pytest.mark.parametrize("name", sorted(MODEL_FIELDS - {"text", "id", "capacity"}))
def test_option_takes_no_other_field_of_the_models(name: str, owner: User) -> None:
    options = [{"text": "A", name: 1}, {"text": "B"}]

    response = client_of(owner).post("/api/polls/", {"title": "T", "options": options}, format="json")

    assert (response.status_code, response.json()["errors"]) == (
        400,
        {f"options.0.{name}": ["This is not expected here."]},
    )
