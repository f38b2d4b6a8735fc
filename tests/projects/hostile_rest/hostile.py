"""The classes of a REST framework that answers, refuses and reads nothing as anybody would expect."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from django.db.models import QuerySet
from rest_framework.exceptions import ParseError
from rest_framework.filters import BaseFilterBackend
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    # The framework reads these classes while it imports its views.
    from rest_framework.views import APIView


class ShoutingRenderer(BaseRenderer):
    media_type = "text/plain"
    format = "shout"

    def render(self, data: object, *args: object, **kwargs: object) -> bytes:
        return repr(data).upper().encode()


class DeafParser(BaseParser):
    media_type = "*/*"

    def parse(self, *args: object, **kwargs: object) -> NoReturn:
        raise ParseError


class OneByOne(PageNumberPagination):
    page_size = 1
    page_query_param = "seite"


class HideAll(BaseFilterBackend):
    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: "APIView") -> QuerySet[Any]:
        return queryset.none()


class Never(BaseThrottle):
    def allow_request(self, request: Request, view: "APIView") -> bool:
        return False


class LastOfAll(BaseContentNegotiation):
    """Ignore what the client accepts."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return list(parsers)[-1]

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        last = list(renderers)[-1]
        return last, last.media_type


def teapot(error: Exception, context: Mapping[str, Any]) -> Response:
    """Answer every error in the same way."""
    return Response({"oops": True}, status=418)
