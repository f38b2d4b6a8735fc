"""Creating, reading, editing, opening, closing, copying and deleting polls over the API."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import OperationalError, connections
from django.test import RequestFactory, override_settings
from rest_framework import serializers

from django_polls import signals
from django_polls.api.serializers import PollSerializer
from django_polls.api.views import PollDetailView, PollListView, VoteView
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.clock import database_now
from django_polls.models.polls import PollQuerySet, Visibility
from django_polls.policies import Policy
from django_polls.voting import cast_vote
from tests.api.conftest import client_of
from tests.api.documented import DocumentedClient
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db

NEW = {"title": "Tea?", "options": [{"text": "Yes"}, {"text": "No"}]}
NOT_FOUND = (404, {"code": "not_found", "detail": "There is no such poll."})


def url(poll: Poll, tail: str = "") -> str:
    return f"/api/polls/{poll.pk}/{tail}"


def cast(poll: Poll, user: User | None = None) -> None:
    cast_vote(poll, Voter.from_user(user or UserFactory()), Ballot.of(poll.options.all()[0].pk))


def test_create_answers_the_poll(owner: User) -> None:
    response = client_of(owner).post("/api/polls/", NEW, format="json")

    poll = Poll.objects.get()
    first, second = poll.options.all()
    assert response.status_code == 201
    assert response.headers["Location"] == url(poll)
    assert response.json() == {
        "id": str(poll.pk),
        "title": "Tea?",
        "description": "",
        "created_by": str(owner.pk),
        "created_by_name": "",
        "created_at": poll.created_at.isoformat().replace("+00:00", "Z"),
        "method": "single",
        "min_options": 1,
        "max_options": None,
        "count": "",
        "seats": 1,
        "quota": "droop",
        "max_ranks": None,
        "equal_ranks": False,
        "min_score": 0,
        "max_score": 5,
        "unscored_is_zero": True,
        "grades": [],
        "points": None,
        "max_points": None,
        "must_spend_all": False,
        "reasons": "off",
        "allows_abstention": False,
        "allows_none_of_these": False,
        "quorum": None,
        "quorum_share": "",
        "pass_threshold": "",
        "max_votes": None,
        "final_ties": "seed",
        "tie_seed_hash": poll.tie_seed_hash,
        "is_draft": False,
        "opens_at": None,
        "expires_at": None,
        "closed_at": None,
        "close_reason": "",
        "status": "open",
        "is_active": True,
        "visibility": "always",
        "electorate": "anyone",
        "guest_identity": "address",
        "vote_change": "never",
        "vote_withdrawal": "never",
        "accepts_new_options": False,
        "shuffles_options": False,
        "shows_voters": False,
        "time_zone": "",
        "correction": "",
        "groups": [],
        "permission": "",
        "metadata": {},
        "revision": 1,
        "votes": 0,
        "options": [
            {"id": first.pk, "text": "Yes", "position": 0, "capacity": None, "vote_count": 0},
            {"id": second.pk, "text": "No", "position": 1, "capacity": None, "vote_count": 0},
        ],
    }


def test_create_takes_every_field(owner: User) -> None:
    group = Group.objects.create(name="G")
    fields: dict[str, Any] = {
        "title": "T",
        "description": "D\n",
        "method": "approval",
        "min_options": 0,
        "max_options": 2,
        "count": "",
        "seats": 1,
        "quota": "hare",
        "max_ranks": 2,
        "equal_ranks": True,
        "min_score": -1,
        "max_score": 1,
        "unscored_is_zero": False,
        "grades": ["Bad", "So so", "Good"],
        "points": 3,
        "max_points": 2,
        "must_spend_all": True,
        "reasons": "off",
        "allows_abstention": True,
        "allows_none_of_these": True,
        "quorum": None,
        "quorum_share": "1/2",
        "pass_threshold": "2/3",
        "max_votes": 10,
        "final_ties": "declare",
        "is_draft": True,
        "opens_at": "2090-01-01T12:00:00+02:00",
        "expires_at": "2090-01-02T12:00:00Z",
        "visibility": "after_close",
        "electorate": "groups",
        "groups": [group.pk],
        "permission": "app.codename",
        "guest_identity": "cookie",
        "vote_change": "until_close",
        "vote_withdrawal": "until_close",
        "accepts_new_options": True,
        "shuffles_options": False,
        "shows_voters": False,
        "time_zone": "",
        "correction": "C",
        "metadata": {"topic": {"id": [1, 2.5, None, "é"]}},
    }

    answer = client_of(owner).post("/api/polls/", {**fields, "options": NEW["options"]}, format="json").json()

    stored = {**fields, "description": "D", "opens_at": "2090-01-01T10:00:00Z"}
    assert {name: answer[name] for name in fields} == stored
    assert client_of(owner).get(f"/api/polls/{answer['id']}/").json() == answer


def test_create_by_a_form(owner: User) -> None:
    form = {"title": "T", "options": ["A", "B", "C"], "max_options": "2", "is_draft": "true", "expires_at": ""}

    response = client_of(owner).post("/api/polls/", form)

    answer = response.json()
    assert (response.status_code, [option["text"] for option in answer["options"]]) == (201, ["A", "B", "C"])
    assert (answer["max_options"], answer["is_draft"], answer["expires_at"]) == (2, True, None)


def test_form_with_a_repeated_key(owner: User) -> None:
    response = client_of(owner).post("/api/polls/", {"title": ["A", "B"], "options": ["A", "B"]})

    assert (response.status_code, response.json()["errors"]) == (400, {"title": ["Give one value."]})


REFUSED: dict[str, tuple[dict[str, Any], dict[str, list[str]]]] = {
    "nothing": ({"title": None, "options": None}, {"title": ["This field may not be null."]}),
    "no title": ({"title": ""}, {"title": ["This field cannot be blank."]}),
    "a number for a title": ({"title": 5}, {"title": ["Not a valid string."]}),
    "a title too long": (
        {"title": "x" * 201},
        {"title": ["Ensure this value has at most 200 characters (it has 201)."]},
    ),
    "a hidden character": ({"title": "a\u202eb"}, {"title": ["The character U+202E is not allowed here."]}),
    "one option": ({"options": [{"text": "A"}]}, {"options": ["A poll needs at least two options."]}),
    "options that are texts": (
        {"options": ["A", "B"]},
        {"options.0": ["Invalid data. Expected a dictionary, but got str."]},
    ),
    "options that are no list": (
        {"options": {"0": "A"}},
        {"options": ['Expected a list of items but got type "dict".']},
    ),
    "twin options": ({"options": [{"text": "A"}, {"text": "a "}]}, {"options": ["Two options have the same text."]}),
    "an option without a text": ({"options": [{}, {"text": "B"}]}, {"options.0.text": ["This field is required."]}),
    "an option with an id": (
        {"options": [{"text": "A", "id": 1}, {"text": "B"}]},
        {"options.0.id": ["This is not expected here."]},
    ),
    "101 options": (
        {"options": [{"text": str(number)} for number in range(101)]},
        {"options": ["A poll has at most 100 options."]},
    ),
    "an unknown method": ({"method": "dice"}, {"method": ["There is no such voting method."]}),
    "an unknown choice": ({"visibility": "x"}, {"visibility": ["Value 'x' is not a valid choice."]}),
    "text for a number": ({"max_options": "2"}, {"max_options": ["A valid integer is required."]}),
    "a fraction": ({"max_options": 2.0}, {"max_options": ["A valid integer is required."]}),
    "more than there are": ({"max_options": 3}, {"max_options": ["The poll has fewer options than this."]}),
    "a negative number": ({"min_options": -1}, {"min_options": ["Ensure this value is greater than or equal to 0."]}),
    "text for a flag": ({"is_draft": "true"}, {"is_draft": ["Must be a valid boolean."]}),
    "a number for a flag": ({"is_draft": 1}, {"is_draft": ["Must be a valid boolean."]}),
    "no moment": (
        {"expires_at": "tomorrow"},
        {"expires_at": ["Give a time as ISO 8601 has it, such as 2030-01-31T12:00:00Z."]},
    ),
    "a moment gone": ({"expires_at": "2001-01-01T00:00:00Z"}, {"expires_at": ["This time has passed."]}),
    "an unknown group": ({"groups": [987_654]}, {"groups": ["There is no such group."]}),
    "metadata that is a list": (
        {"metadata": [1]},
        {"metadata": ['Expected a dictionary of items but got type "list".']},
    ),
    "unknown fields": (
        {"colour": "red", "created_by": 1},
        {"colour": ["This is not expected here."], "created_by": ["This is not expected here."]},
    ),
}


@pytest.mark.parametrize(("fields", "errors"), REFUSED.values(), ids=REFUSED)
def test_create_refused(fields: dict[str, Any], errors: dict[str, list[str]], owner: User) -> None:
    response = client_of(owner).post("/api/polls/", {**NEW, **fields}, format="json")

    answer = response.json()
    assert (response.status_code, answer["code"], Poll.objects.count()) == (400, "invalid_poll", 0)
    assert errors.items() <= answer["errors"].items()


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1899-12-31T00:00:00Z",
        "2030-13-01T00:00:00Z",
        "2030-01-01T25:00:00Z",
        "2030-01-01T00:00:00+99:00",
        "٢٠٣٠-01-01T00:00:00Z",
        "1" * 60_000,
        "",
        "now",
        "-1",
        5,
        True,
    ],
)
def test_moment_refused(moment: object, owner: User) -> None:
    response = client_of(owner).post("/api/polls/", {**NEW, "opens_at": moment}, format="json")

    assert (response.status_code, list(response.json()["errors"])) == (400, ["opens_at"])


def test_moment_without_an_offset_is_the_sites(owner: User) -> None:
    with override_settings(TIME_ZONE="Asia/Tokyo"):
        answer = (
            client_of(owner).post("/api/polls/", {**NEW, "expires_at": "2090-01-01T09:00:00"}, format="json").json()
        )

    assert answer["expires_at"] == "2090-01-01T00:00:00Z"


def test_who_may_create(guest: DocumentedClient) -> None:
    answers = [client.post("/api/polls/", NEW, format="json") for client in (guest, client_of(UserFactory()))]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "authentication_required"),
        (403, "permission_denied"),
    ]
    assert Poll.objects.count() == 0


def test_edit(owner: User) -> None:
    poll = PollFactory(created_by=owner, options=3)
    first, second, third = poll.options.all()
    options = [{"id": third.pk, "text": "Third"}, {"id": first.pk, "text": first.text}, {"text": "New"}]
    changes = {"title": "New title", "options": options, "revision": poll.revision}

    response = client_of(owner).patch(url(poll), changes, format="json")

    answer = response.json()
    assert (response.status_code, answer["title"], answer["revision"]) == (200, "New title", poll.revision + 1)
    assert [(option["id"], option["text"]) for option in answer["options"][:2]] == [
        (third.pk, "Third"),
        (first.pk, first.text),
    ]
    assert answer["options"][2]["text"] == "New"
    assert not poll.options.filter(pk=second.pk).exists()


def test_edit_refused(owner: User) -> None:
    poll = PollFactory(created_by=owner)
    cast(poll)
    client = client_of(owner)

    answers = [
        client.patch(url(poll), changes, format="json").json()
        for changes in ({"title": "X"}, {"title": "X", "revision": 0}, {"title": "X", "revision": poll.revision})
    ]

    assert [(answer["code"], answer.get("errors"), answer.get("limits")) for answer in answers] == [
        ("invalid_poll", {"revision": ["This field is required."]}, None),
        ("poll_changed", None, None),
        ("poll_frozen", None, {"fields": "title"}),
    ]


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_who_may_edit_and_delete(method: str, guest: DocumentedClient, owner: User) -> None:
    poll, draft = PollFactory(created_by=owner), PollFactory(created_by=owner, is_draft=True)
    stranger = client_of(UserFactory())

    answers = [getattr(client, method)(url(each)) for each in (poll, draft) for client in (guest, stranger)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "authentication_required"),
        (403, "permission_denied"),
        (404, "not_found"),
        (404, "not_found"),
    ]
    assert Poll.objects.count() == 2


def test_permissions_of_the_models() -> None:
    poll, editor, remover = PollFactory(), UserFactory(), UserFactory()
    editor.user_permissions.add(Permission.objects.get(codename="change_poll"))
    remover.user_permissions.add(Permission.objects.get(codename="delete_poll"))
    edit = {"title": "X", "revision": poll.revision}

    statuses = [
        client_of(editor).delete(url(poll)).status_code,
        client_of(remover).patch(url(poll), edit, format="json").status_code,
        client_of(editor).patch(url(poll), edit, format="json").status_code,
        client_of(remover).delete(url(poll)).status_code,
    ]

    assert statuses == [403, 403, 200, 204]


def test_delete(owner: User) -> None:
    poll, client = PollFactory(created_by=owner), client_of(owner)
    cast(poll)

    answers = [client.delete(url(poll, tail)) for tail in ("", "?with_votes=1", "?with_votes=true", "")]

    assert [(answer.status_code, answer.content and answer.json()["code"]) for answer in answers] == [
        (409, "poll_has_votes"),
        (400, "invalid_query"),
        (204, b""),
        (404, "not_found"),
    ]


def test_open_and_close(owner: User) -> None:
    poll, client = PollFactory(created_by=owner, is_draft=True), client_of(owner)

    opened = client.post(url(poll, "open/")).json()
    closed = client.post(url(poll, "close/"), {"reason": "Enough."}, format="json").json()

    assert (opened["status"], opened["is_active"]) == ("open", True)
    assert (closed["status"], closed["close_reason"], closed["closed_at"] is None) == ("closed", "Enough.", False)


@pytest.mark.parametrize(
    ("tail", "body"),
    [
        ("close/", {"reason": 5}),
        ("close/", {"reason": "x" * 201}),
        ("close/", {"reason": "a\u2028b"}),
        ("close/", {"closed_by": 1}),
        ("open/", {"force": True}),
        ("copy/", {"title": "X"}),
    ],
)
def test_body_of_a_step_refused(tail: str, body: dict[str, Any], owner: User) -> None:
    poll = PollFactory(created_by=owner)

    response = client_of(owner).post(url(poll, tail), body, format="json")

    assert (response.status_code, response.json()["code"]) == (400, "invalid_poll")
    assert Poll.objects.get().closed_at is None


def test_copy(owner: User) -> None:
    poll = PollFactory(created_by=owner, title="T", metadata={"a": 1}, expires_at=database_now() + timedelta(days=1))
    cast(poll)

    response = client_of(owner).post(url(poll, "copy/"))

    copy = Poll.objects.exclude(pk=poll.pk).get()
    answer = response.json()
    assert (response.status_code, response.headers["Location"], answer["id"]) == (201, url(copy), str(copy.pk))
    assert [answer[name] for name in ("title", "metadata", "is_draft", "expires_at", "votes")] == [
        "T",
        {"a": 1},
        True,
        None,
        0,
    ]


def test_copy_needs_both_rights(owner: User) -> None:
    theirs, own = PollFactory(created_by=owner), UserFactory()
    mine = PollFactory(created_by=own)

    statuses = [
        client_of(user).post(url(poll, "copy/")).status_code
        for user, poll in ((own, mine), (own, theirs), (owner, mine), (None, theirs))
    ]

    assert (statuses, Poll.objects.count()) == ([403] * 4, 2)


NO_IDS = (
    *(
        "0",
        "1",
        "-1",
        "a" * 36,
        "%00",
        "a%00b",
        "..",
        "%2e%2e",
        "é",
        "%F0%9F%97%B3",
        "9" * 5_000,
        "' OR 1=1 --",
        "a.json",
    ),
    *("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
)


@pytest.mark.parametrize("tail", ["", "vote/", "results/"])
@pytest.mark.parametrize("name", NO_IDS)
def test_id_that_is_none(name: str, tail: str, guest: DocumentedClient) -> None:
    response = guest.get(f"/api/polls/{name}/{tail}")

    assert (response.status_code, response.json()) == NOT_FOUND


@pytest.mark.parametrize("tail", ["", "vote/", "results/", "open/", "close/", "copy/"])
def test_id_written_otherwise_is_none(tail: str, owner: User) -> None:
    poll, client = PollFactory(created_by=owner), client_of(owner)
    spellings = [
        str(poll.pk).upper(),
        poll.pk.hex,
        f"{{{poll.pk}}}",
        f"urn:uuid:{poll.pk}",
        f" {poll.pk}",
        f"{poll.pk} ",
    ]
    call = client.post if tail in {"open/", "close/", "copy/"} else client.get

    answers = [call(f"/api/polls/{spelling}/{tail}") for spelling in spellings]

    assert [(answer.status_code, answer.json()) for answer in answers] == [NOT_FOUND] * 6


def test_unknown_and_invisible_are_the_same(guest: DocumentedClient, owner: User) -> None:
    draft = PollFactory(created_by=owner, is_draft=True)
    option = draft.options.all()[0]
    calls = [
        ("get", "", None),
        ("patch", "", {"title": "X", "revision": 1}),
        ("delete", "", None),
        ("post", "vote/", {"option_id": option.pk}),
        ("post", "vote/", {"option_id": "nonsense"}),
        ("put", "vote/", {"option_id": option.pk}),
        ("get", "vote/", None),
        ("delete", "vote/", None),
        ("get", "results/", None),
        ("post", "open/", {}),
        ("post", "close/", {"nonsense": 1}),
    ]

    def answers(client: DocumentedClient, poll_id: UUID) -> list[tuple[int, object, dict[str, str]]]:
        made = [
            getattr(client, name)(f"/api/polls/{poll_id}/{tail}", body, format="json") for name, tail, body in calls
        ]
        return [(answer.status_code, answer.json(), dict(answer.headers)) for answer in made]

    for client in (guest, client_of(UserFactory())):
        assert answers(client, draft.pk) == answers(client, uuid4())
        assert {body[:2] == NOT_FOUND for body in answers(client, draft.pk)} == {True}


def test_names_and_private_fields_are_shown_as_the_policy_says(owner: User, guest: DocumentedClient) -> None:
    poll = PollFactory(created_by=owner, metadata={"secret": 1}, permission="a.b")
    poll.groups.add(Group.objects.create(name="G"))
    names = ("created_by", "created_by_name", "groups", "permission", "metadata")

    with override_settings(DJANGO_POLLS_POLICY=f"{__name__}.NamingPolicy"):
        shown = [[client.get(url(poll)).json()[name] for name in names] for client in (guest, client_of(owner))]

    groups = [group.pk for group in poll.groups.all()]
    assert shown == [
        [str(owner.pk), "OWNER", None, None, None],
        [str(owner.pk), "OWNER", groups, "a.b", {"secret": 1}],
    ]


class NamingPolicy(Policy):
    def display_name(self, user: Any) -> str:  # noqa: ANN401
        return str(user.username).upper()


def test_poll_of_a_deleted_user(guest: DocumentedClient) -> None:
    user = UserFactory()
    poll = PollFactory(created_by=user)
    user.delete()

    answer = guest.get(url(poll)).json()

    assert (answer["created_by"], answer["created_by_name"]) == (None, "")


class TitledSerializer(PollSerializer):
    shout = serializers.SerializerMethodField()

    def get_shout(self, poll: Poll) -> str:
        return poll.title.upper()


class ShoutingView(PollDetailView):
    serializer_class = TitledSerializer


class ShoutingListView(PollListView):
    serializer_class = TitledSerializer


def test_host_overrides_a_serializer_by_subclassing_a_view(rf: RequestFactory) -> None:
    poll = PollFactory(title="tea")

    one = ShoutingView.as_view()(rf.get("/"), id=str(poll.pk)).data
    several = ShoutingListView.as_view()(rf.get("/")).data

    assert (one["shout"], several["results"][0]["shout"]) == ("TEA", "TEA")


def test_vote_is_outside_of_atomic_requests() -> None:
    view: Any = VoteView.as_view()

    assert view._non_atomic_requests == set(connections)
    assert (view.csrf_exempt, view.login_required) == (True, False)


class BusyPolicy(Policy):
    def may_see(self, user: Any, poll: Poll) -> bool:  # noqa: ANN401
        raise OperationalError("database is locked")


class BrokenPolicy(Policy):
    def may_see(self, user: Any, poll: Poll) -> bool:  # noqa: ANN401
        raise OperationalError("no such table")


def test_busy_database_asks_to_try_again(guest: DocumentedClient) -> None:
    poll = PollFactory()

    with override_settings(DJANGO_POLLS_POLICY=f"{__name__}.BusyPolicy"):
        response = guest.post(url(poll, "vote/"), {"option_id": 1})

    assert (response.status_code, response.json()["code"], response.headers["Retry-After"]) == (503, "try_again", "1")


def test_fault_of_the_server_is_no_refusal(guest: DocumentedClient) -> None:
    poll = PollFactory()

    with (
        override_settings(DJANGO_POLLS_POLICY=f"{__name__}.BrokenPolicy"),
        pytest.raises(OperationalError, match="no such table"),
    ):
        guest.post(url(poll, "vote/"), {"option_id": 1})


@pytest.mark.parametrize("path", ["/api/polls/", "/api/polls/x/", "/api/polls/x/vote/", "/api/polls/x/close/"])
def test_unknown_method(path: str, guest: DocumentedClient) -> None:
    response = guest.generic("BREW", path)

    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert "OPTIONS" in response.headers["Allow"]


def test_options_say_only_the_methods(guest: DocumentedClient, owner: User) -> None:
    draft = PollFactory(created_by=owner, is_draft=True)

    responses = [guest.options(path) for path in (url(draft), "/api/polls/x/", "/api/polls/")]

    assert [(answer.status_code, answer.content, answer.headers["Allow"]) for answer in responses] == [
        (204, b"", "GET, PATCH, DELETE, HEAD, OPTIONS"),
        (204, b"", "GET, PATCH, DELETE, HEAD, OPTIONS"),
        (204, b"", "GET, POST, HEAD, OPTIONS"),
    ]


@pytest.mark.parametrize("visibility", Visibility)
def test_no_answer_has_cors_headers(visibility: Visibility, guest: DocumentedClient) -> None:
    poll = PollFactory(visibility=visibility)

    answers = [
        guest.get(path, headers={"origin": "https://evil.example"}) for path in (url(poll), url(poll, "results/"))
    ]

    assert [name for answer in answers for name in answer.headers if name.lower().startswith("access-control")] == []


class UnfilteredView(PollListView):
    filterset_class = None


def test_host_drops_the_filters_by_subclassing_a_view(rf: RequestFactory) -> None:
    PollFactory(title="tea")

    assert UnfilteredView.as_view()(rf.get("/?colour=red")).data["count"] == 1


class ModeratedPolicy(Policy):
    """A host that shows no poll before somebody has looked at it."""

    def seen_by(self, user: Any, polls: PollQuerySet) -> PollQuerySet:  # noqa: ANN401
        return polls.none()


def test_creation_is_answered_though_the_policy_hides_the_poll(owner: User) -> None:
    with override_settings(DJANGO_POLLS_POLICY=f"{__name__}.ModeratedPolicy"):
        created = client_of(owner).post("/api/polls/", NEW, format="json")
        read = client_of(owner).get(created.headers["Location"])

    assert (created.status_code, created.json()["title"], read.status_code) == (201, "Tea?", 404)


@pytest.mark.django_db(transaction=True)
def test_poll_that_is_deleted_while_it_is_opened(owner: User) -> None:
    poll = PollFactory(created_by=owner, is_draft=True)

    def delete(poll: Poll, **_arguments: object) -> None:
        Poll.objects.filter(pk=poll.pk).delete()

    signals.poll_opened.connect(delete)
    try:
        response = client_of(owner).post(url(poll, "open/"))
    finally:
        signals.poll_opened.disconnect(delete)

    assert (response.status_code, response.json()) == NOT_FOUND
