"""Which format and which version an answer has: JSON alone, and the version that the Accept header names."""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.versioning import AcceptHeaderVersioning

JSON = "application/json"


class ApiRenderer(JSONRenderer):
    """Compact JSON in UTF-8, whatever the host's settings say of JSON."""

    ensure_ascii = False
    compact = True
    strict = True
    _encoder = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    def render(
        self, data: object, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else self._encoder.encode(data).encode()


class ApiNegotiation(DefaultContentNegotiation):
    """JSON for whoever accepts it. No query parameter and no suffix asks for another format."""

    def filter_renderers(self, renderers: Iterable[BaseRenderer], format: str) -> list[BaseRenderer]:  # noqa: A002  the framework's name
        return list(renderers)

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """Return the parser of exactly this media type: `*/*` is none."""
        media_type = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        if request.META.get("HTTP_ACCEPT", "*/*") in {JSON, "*/*"}:
            return next(iter(renderers)), JSON
        chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers)
        return chosen


class ApiVersioning(AcceptHeaderVersioning):
    """`Accept: application/json; version=1`, so that a later version can come without a new URL."""

    default_version = "1"
    allowed_versions = ("1",)
    version_param = "version"

    def determine_version(self, request: Request, *args: Any, **kwargs: Any) -> str:
        if ";" not in request.accepted_media_type:
            return self.default_version
        return super().determine_version(request, *args, **kwargs)
