"""The host's settings are in force: a view of its own shows what the polls' views would do if they listened to them."""

import pytest
from django.test import Client, RequestFactory
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.projects.people import guest, path_of


class HostView(APIView):
    def get(self, request: Request) -> Response:
        return Response({})


def test_view_of_the_host_follows_its_settings() -> None:
    answer = HostView.as_view()(RequestFactory().get("/")).render()

    assert (answer.status_code, answer.content) == (418, b"{'OOPS': TRUE}")


@pytest.mark.django_db
@pytest.mark.parametrize("browser", [guest(1), Client()])
def test_list_takes_no_parameter_that_the_host_has_named(browser: Client) -> None:
    answers = [
        browser.get(path_of("django_polls_api:poll-list"), {name: "1"}) for name in ("seite", "find", "sort", "v")
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "invalid_query")] * 4


@pytest.mark.django_db
def test_version_is_asked_for_by_the_accept_header() -> None:
    path = path_of("django_polls_api:poll-list")

    answers = [guest(1).get(path, headers={"Accept": f"application/json; version={version}"}) for version in (1, 7)]

    assert [answer.status_code for answer in answers] == [200, 406]
    assert answers[1].json()["code"] == "not_acceptable"
