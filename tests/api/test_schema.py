"""The schema: the golden file is what is generated, and what it says is complete."""

import re
from typing import Any

import pytest
import yaml
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

from django_polls.api import urls, views
from django_polls.api.serializers import PollSerializer
from scripts.schema import GOLDEN, generated

Schema = dict[str, Any]


@pytest.fixture(scope="module")
def schema() -> Schema:
    loaded: Schema = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
    return loaded


def operations(schema: Schema) -> list[Schema]:
    """Return the operations of this package, without the host's own."""
    paths = [methods for path, methods in schema["paths"].items() if path.startswith("/api/polls/")]
    return [operation for methods in paths for operation in methods.values()]


def test_schema_is_the_golden_file() -> None:
    assert generated() == GOLDEN.read_text(encoding="utf-8"), "`python -m scripts.schema --write` renews it"


def test_every_endpoint_is_in_it(schema: Schema) -> None:
    served = {
        ("/api/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern)).removesuffix("/") + "/", method)
        for pattern in urls.urlpatterns
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(getattr(pattern.callback, "cls", None), method)
    }

    said = {(path, method) for path, methods in schema["paths"].items() for method in methods}

    assert said == served
    assert len(served) == 14


def test_operations_are_named_tagged_and_explained(schema: Schema) -> None:
    found = operations(schema)

    names = [operation["operationId"] for operation in found]

    assert len(set(names)) == len(names)
    assert {tuple(operation["tags"]) for operation in found} == {("polls",)}
    assert [
        operation["operationId"] for operation in found if not (operation["summary"] and operation["description"])
    ] == []


def test_every_answer_with_a_body_has_an_example(schema: Schema) -> None:
    answers = [
        (operation["operationId"], status, content)
        for operation in operations(schema)
        for status, answer in operation["responses"].items()
        for content in answer.get("content", {}).values()
    ]

    assert [(name, status) for name, status, content in answers if not content.get("examples")] == []


def test_refusals_that_any_request_may_meet(schema: Schema) -> None:
    statuses = [set(operation["responses"]) for operation in operations(schema)]

    assert set.intersection(*statuses) == {"400", "401", "403", "406", "503"}


def test_guests_may_read_and_vote(schema: Schema) -> None:
    open_to_all = {operation["operationId"] for operation in operations(schema) if {} in operation["security"]}

    assert open_to_all == {
        "polls_list",
        "polls_read",
        "polls_read_results",
        "polls_read_vote",
        "polls_cast_vote",
        "polls_replace_vote",
        "polls_withdraw_vote",
    }


class PinnedSerializer(PollSerializer):
    """A poll of a host."""

    is_pinned = serializers.BooleanField(default=False)


class PinnedView(views.PollDetailView):
    serializer_class = PinnedSerializer

    def get(self, request: Any, **kwargs: str) -> Any:  # noqa: ANN401
        return super().get(request, **kwargs)


def test_subclass_of_a_view_is_documented_with_its_own_serializer() -> None:
    patterns = [path("polls/<str:id>/", PinnedView.as_view())]

    generator: Any = SchemaGenerator
    generated_schema = generator(patterns=patterns).get_schema(public=True)

    answer = generated_schema["paths"]["/polls/{id}/"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Pinned"}
    assert "is_pinned" in generated_schema["components"]["schemas"]["Pinned"]["properties"]
