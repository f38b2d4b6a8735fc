"""Bodies, read strictly: what two readers could understand differently is refused, and so is what no field needs."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from math import isinf
from typing import IO, Any
from urllib.parse import parse_qsl

from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser as DjangoMultiPartParser
from django.http.multipartparser import MultiPartParserError
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from django_polls.api.errors import BodyTooLarge, MalformedBody
from django_polls.conf import conf

MAX_DEPTH = 16
MAX_FORM_FIELDS = 1_000
MAX_DIGITS = 18
"""An integer of more digits may not fit into 64 bits, and no id and no limit has them."""

# What a browser's form carries for Django itself.
CSRF_FIELD = "csrfmiddlewaretoken"

# Linear on any text: a string that nobody closes ends with the text.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(r"[\[{\]}]")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Context = Mapping[str, Any]
Json = dict[str, Any] | list[Any] | str | float | bool | None


@dataclass(frozen=True, slots=True)
class Body:
    """What a request says, by field. In a form every value is a list of texts, since a key may be repeated."""

    fields: Mapping[str, Any]
    is_form: bool = False


def body_of(request: Request) -> Body:
    """Return the request's body. Raises an APIException for one that cannot be read."""
    data = request.data
    if isinstance(data, QueryDict):
        return _form(request, data)
    if not isinstance(data, dict):
        raise MalformedBody("The body must be a JSON object.")
    return Body(data)


def _form(request: Request, data: QueryDict) -> Body:
    # A middleware may have read the form before these parsers could refuse its files and characters.
    if request.FILES:
        raise MalformedBody("No file is expected here.")
    fields = {name: values for name, values in data.lists() if name != CSRF_FIELD}
    _check_texts(chain(fields, *fields.values()))
    return Body(fields, is_form=True)


class JSONParser(BaseParser):
    """JSON in UTF-8, without duplicate keys, without numbers that are none, and not deep."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Context | None = None) -> Any:  # noqa: ANN401
        return parse_json(_text(media_type or "", parser_context or {}))


class FormParser(BaseParser):
    """A URL-encoded form in UTF-8."""

    media_type = "application/x-www-form-urlencoded"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Context | None = None) -> QueryDict:
        text = _text(media_type or "", parser_context or {})
        data = QueryDict(mutable=True)
        try:
            for name, value in parse_qsl(text, True, errors="strict", max_num_fields=MAX_FORM_FIELDS):  # noqa: FBT003
                data.appendlist(name, value)
        except ValueError as error:
            raise MalformedBody("The form cannot be read.") from error
        return data


class MultiPartParser(BaseParser):
    """A multipart form in UTF-8, without files."""

    media_type = "multipart/form-data"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Context | None = None) -> QueryDict:
        body = _text(media_type or "", parser_context or {}).encode()
        meta = {"CONTENT_TYPE": media_type, "CONTENT_LENGTH": len(body)}
        try:
            data, _files = DjangoMultiPartParser(meta, BytesIO(body), [_NoFiles()], "utf-8").parse()
        except MultiPartParserError as error:
            raise MalformedBody("The form cannot be read.") from error
        return data


class _NoFiles(FileUploadHandler):
    """Refuses files before a byte of them is kept."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise MalformedBody("No file is expected here.")


def _text(media_type: str, context: Context) -> str:
    """Return the body, whole. Django keeps it, so that a middleware after the view can read it too."""
    charset = parse_header_parameters(media_type)[1].get("charset", "utf-8") if ";" in media_type else "utf-8"
    if charset.lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(media_type)
    request = context["request"]
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > conf.max_body_bytes:
        raise BodyTooLarge
    body: bytes = request.body
    if len(body) != length:
        # `option_id=12`, cut short by a broken connection, must not count for option 1.
        raise MalformedBody("The body is not as long as its Content-Length.")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise MalformedBody("The body is not UTF-8.") from error


def parse_json(text: str) -> Json:
    """Return the value that the JSON text means. Raises MalformedBody."""
    _check_depth(text)
    try:
        value: Json = _DECODER.decode(text)
    except ValueError as error:
        raise MalformedBody("The body is not JSON.") from error
    if "\\u" in text:
        _check_texts(_texts(value))
    return value


def _check_depth(text: str) -> None:
    """Raise MalformedBody for deep nesting, before a recursion can meet it."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise MalformedBody("The body is nested too deeply.")


def _check_texts(texts: Iterable[str]) -> None:
    """Raise MalformedBody for NUL and for lone surrogates, which databases cannot store."""
    if any(UNSTORABLE.search(text) for text in texts):
        raise MalformedBody("A text holds a character that cannot be stored.")


def _texts(value: object) -> Iterator[str]:
    """Yield every text in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise MalformedBody("A key occurs twice.")
    return found


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise MalformedBody("A number is too large.")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise MalformedBody("A number is too large.")
    return number


def _constant(_text: str) -> None:
    raise MalformedBody("NaN and Infinity are not JSON.")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant)
