"""Pages of polls: numbered, bounded, and refused where the number is none."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.paginator import InvalidPage, Paginator
from django.db.models import Model, QuerySet
from drf_spectacular.plumbing import append_meta
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from django_polls.api.errors import InvalidQuery, PageNotFound
from django_polls.api.fields import NOT_A_NUMBER, integer_in
from django_polls.conf import conf

MAX_PAGE_SIZE = 100

M = TypeVar("M", bound=Model)
R = TypeVar("R")


class PollPagination(PageNumberPagination):
    """`?page=2&page_size=50`, with more than a hundred taken for a hundred."""

    page_query_param = "page"
    page_query_description = "The number of the page."
    page_size_query_param = "page_size"
    page_size_query_description = "How many polls a page has; more than 100 is 100."
    max_page_size = MAX_PAGE_SIZE

    def paginate_queryset(
        self, queryset: QuerySet[M, R] | Sequence[R], request: Request, view: APIView | None = None
    ) -> list[R] | None:
        self.request = request
        number = _positive(request, "page", 1)
        try:
            self.page = Paginator(queryset, self.get_page_size(request)).page(number)
        except InvalidPage:
            raise PageNotFound from None
        return list(self.page)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        # Whether null is a type or a flag depends on the host's version of OpenAPI, which this asks.
        link = append_meta({"type": "string", "format": "uri"}, {"nullable": True, "example": None})
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "example": 1},
                "next": link,
                "previous": link,
                "results": schema,
            },
        }

    def get_page_size(self, request: Request) -> int:
        return min(_positive(request, "page_size", conf.page_size), MAX_PAGE_SIZE)


def _positive(request: Request, name: str, default: int) -> int:
    """Return the positive number that a query parameter holds. Raises InvalidQuery."""
    text = request.query_params.get(name)
    if text is None:
        return default
    number = integer_in(text, is_form=True)
    if not number:
        raise InvalidQuery({name: [NOT_A_NUMBER]})
    return number
