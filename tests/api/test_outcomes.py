"""Results over the API: every figure of every count, the seed once the poll is closed, and who compares counts."""

from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pytest_django import Settings
from rest_framework.authentication import TokenAuthentication

from django_polls.api.views import ComparisonView
from django_polls.identity import Voter
from django_polls.lifecycle import close_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.clock import database_now
from django_polls.models.polls import Until, Visibility
from django_polls.policies import Policy
from django_polls.results import finalise
from django_polls.voting import cast_vote
from tests.api.ballots import poll_with
from tests.api.conftest import client_of
from tests.api.documented import DocumentedClient
from tests.api.outcomes import CASES, Case, poll_of, sentences_of, told
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def results(client: DocumentedClient, poll: Poll, tail: str = "") -> Any:  # noqa: ANN401  as JSON has it
    response = client.get(f"/api/polls/{poll.pk}/results/{tail}")
    assert response.status_code == 200, response.content
    return response.json()


def seed_of(poll: Poll) -> str:
    stored = Poll.objects.get(pk=poll.pk).tie_seed
    assert stored is not None
    return bytes(stored).hex()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_results_open_and_closed(case: Case, guest: DocumentedClient) -> None:
    poll, ids = poll_of(case)
    facts = told(poll, case, ids)

    open_answer, open_sentences = results(guest, poll), sentences_of(poll)
    close_poll(poll)
    closed_answer, closed_sentences = results(guest, poll), sentences_of(Poll.objects.get(pk=poll.pk))

    assert open_answer == facts | {"explanation": open_sentences}
    assert closed_answer == facts | {
        "is_final": True,
        "tie_seed": seed_of(poll),
        "explanation": closed_sentences,
    }
    assert [sentence for sentence in (*open_sentences, *closed_sentences) if not sentence] == []
    assert open_sentences


@pytest.mark.parametrize("method", ["single", "approval", "ranked", "score", "dots"])
def test_tie_stays_open_until_the_seed_decides(method: str, guest: DocumentedClient) -> None:
    poll, ids = poll_with(method=method, points=5)
    body = {"ranked": "%d:1", "score": "%d=1", "dots": "%d=1"}.get(method, "%d")
    for option_id in ids[:2]:
        cast_vote(poll, Voter.from_user(UserFactory()), Ballot.from_body(body % option_id))

    while_open = results(guest, poll)
    close_poll(poll)
    closed = results(guest, poll)

    by_seed = sorted(
        ids[:2], key=lambda option_id: sha256(bytes.fromhex(closed["tie_seed"]) + b":%d" % option_id).digest()
    )
    ties = [
        (answer["winners"], [(tie["options"], tie["broken_by"], tie["chosen"]) for tie in answer["ties"]][-1])
        for answer in (while_open, closed)
    ]
    assert ties == [
        (ids[:2], (ids[:2], "at_close", ids[:2])),
        (by_seed[:1], (ids[:2], "seed", by_seed[:1])),
    ]


@pytest.mark.parametrize("is_by_hand", [True, False])
def test_seed_is_told_once_the_poll_is_closed(is_by_hand: bool, owner: User) -> None:
    poll, ids = poll_with(method="ranked", created_by=owner, vote_change=Until.CLOSE)
    client, url, seed = client_of(owner), f"/api/polls/{poll.pk}/", seed_of(poll)

    def answers() -> list[bytes]:
        paths = ("/api/polls/", url, f"{url}results/", f"{url}vote/")
        return [each.get(path).content for each in (client, client_of(None)) for path in paths]

    cast = client.post(f"{url}vote/", {"ranking": ids}, format="json").content
    edited = client.patch(url, {"correction": "X", "revision": poll.revision}, format="json").content
    copied = client.post(f"{url}copy/").content
    while_open, null = [*answers(), cast, edited, copied], results(client, poll)["tie_seed"]
    if is_by_hand:
        client.post(f"{url}close/")
    else:
        Poll.objects.filter(pk=poll.pk).update(expires_at=database_now())
    closed = results(client, poll)

    assert [answer for answer in while_open if seed.encode() in answer or b'"tie_seed":"' in answer] == []
    assert null is None
    assert (closed["tie_seed"], closed["tie_seed_hash"]) == (seed, sha256(bytes.fromhex(seed)).hexdigest())
    assert results(client_of(None), poll) == closed
    finalise(Poll.objects.get(pk=poll.pk))
    assert results(client, poll) == closed


@pytest.mark.parametrize("visibility", [Visibility.NEVER, Visibility.MANAGERS, Visibility.AFTER_CLOSE])
def test_hidden_results_hide_the_seed_too(visibility: Visibility, owner: User) -> None:
    poll, _ids = poll_of(CASES["irv"], visibility=visibility, created_by=owner)
    sees = {Visibility.NEVER: "", Visibility.MANAGERS: "owner", Visibility.AFTER_CLOSE: "owner guest"}[visibility]

    close_poll(poll)

    for name, client in (("owner", client_of(owner)), ("guest", client_of(None))):
        response, detail = client.get(f"/api/polls/{poll.pk}/results/"), client.get(f"/api/polls/{poll.pk}/")
        assert response.status_code == (200 if name in sees else 403)
        assert (seed_of(poll).encode() in response.content) is (name in sees)
        assert seed_of(poll).encode() not in detail.content


# What a host's policy makes of votes.


class Weighing(Policy):
    """A host where some votes weigh one and a half."""

    def weight_of(self, voter: Voter, poll: Poll) -> Decimal:
        return Decimal("1.5") if voter.user is not None and voter.user.get_username() == "heavy" else Decimal(1)


@override_settings(DJANGO_POLLS_POLICY=f"{__name__}.Weighing")
def test_weighted_figures_are_texts(guest: DocumentedClient) -> None:
    poll, (first, second, third) = poll_with(method="ranked")
    for user, body in ((UserFactory(username="heavy"), f"{second}:1"), (UserFactory(), f"{first}:1 {second}:2")):
        cast_vote(poll, Voter.from_user(user), Ballot.from_body(body))

    answer = results(guest, poll)
    detail = guest.get(f"/api/polls/{poll.pk}/").json()

    shares = [
        (option["vote_count"], option["share_of_votes"], option["share_of_marks"]) for option in answer["options"]
    ]
    assert (answer["votes"], answer["weight"], answer["base"], answer["winners"]) == (2, "2.5", "2.5", [second])
    assert shares == [(1, "0.4000", "0.4000"), ("1.5", "0.6000", "0.6000"), (0, "0.0000", "0.0000")]
    assert answer["rounds"][0]["totals"] == [
        {"option_id": first, "points": 1},
        {"option_id": second, "points": "1.5"},
        {"option_id": third, "points": 0},
    ]
    assert (detail["votes"], [option["vote_count"] for option in detail["options"]]) == (2, [1, "1.5", 0])
    assert answer["explanation"] == sentences_of(poll)


@override_settings(DJANGO_POLLS_POLICY=f"{__name__}.Weighing")
def test_weight_of_abstentions_alone_is_none(guest: DocumentedClient) -> None:
    poll, _ids = poll_with(allows_abstention=True)
    cast_vote(poll, Voter.from_user(UserFactory(username="heavy")), Ballot.from_body("abstain"))

    answer = results(guest, poll)

    assert [answer[name] for name in ("votes", "abstentions", "weight", "base")] == [1, 1, 0, 0]


# Validators.


@pytest.fixture
def _localized(settings: Settings) -> Iterator[None]:
    """Let answers be in the reader's language, by Django's middleware, which leaves the process in the last one."""
    position = settings.MIDDLEWARE.index("django.middleware.common.CommonMiddleware")
    middleware = "django.middleware.locale.LocaleMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:position], middleware, *settings.MIDDLEWARE[position:]]
    with translation.override("en"):
        yield


@pytest.mark.usefixtures("_localized")
@pytest.mark.parametrize(("language", "is_translated"), [("de", True), ("sv", False)])
def test_validator_goes_by_the_language_where_the_answer_does(
    language: str, is_translated: bool, guest: DocumentedClient
) -> None:
    poll, ids = poll_with()
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(ids[0]))
    url = f"/api/polls/{poll.pk}/results/"

    answers = [guest.get(url, headers={"accept-language": accepted}) for accepted in ("en", language)]
    etags = [answer.headers["ETag"] for answer in answers]
    statuses = [
        guest.get(url, headers={"accept-language": accepted, "if-none-match": etag}).status_code
        for accepted in ("en", language)
        for etag in etags
    ]

    assert (answers[0].content != answers[1].content) is is_translated
    assert (etags[0] != etags[1]) is is_translated
    assert statuses == ([304, 200, 200, 304] if is_translated else [304] * 4)
    assert "Accept-Language" in answers[0].headers["Vary"]


@pytest.mark.parametrize("name", ["irv", "sum", "dots", "proposal"])
def test_validator_changes_with_the_votes_and_the_close(name: str, guest: DocumentedClient) -> None:
    poll, ids = poll_of(CASES[name])
    url = f"/api/polls/{poll.pk}/results/"
    body = {"irv": f"{ids[0]}:1", "sum": f"{ids[0]}=1", "dots": f"{ids[0]}=1", "proposal": f"{ids[0]}"}[name]

    first = guest.get(url).headers["ETag"]
    same = guest.get(url, headers={"if-none-match": first})
    cast_vote(poll, Voter.from_user(UserFactory()), Ballot.from_body(body))
    second = guest.get(url, headers={"if-none-match": first})
    close_poll(poll)
    third = guest.get(url, headers={"if-none-match": second.headers["ETag"]})
    last = guest.get(url, headers={"if-none-match": third.headers["ETag"]})

    assert [answer.status_code for answer in (same, second, third, last)] == [304, 200, 200, 304]
    assert len({first, second.headers["ETag"], third.headers["ETag"]}) == 3


# Other ways of counting.

OTHERS = {
    "irv": ["borda", "schulze", "ranked_pairs", "copeland", "stv", "stv_meek"],
    "schulze": ["irv", "borda", "ranked_pairs", "copeland", "stv", "stv_meek"],
    "sum": ["mean", "median", "star", "majority_judgment"],
    "star": ["sum", "mean", "median", "majority_judgment"],
    "approval": [],
    "single": [],
    "proposal": [],
}


@pytest.mark.parametrize(("binding", "others"), OTHERS.items(), ids=OTHERS)
def test_comparison(binding: str, others: list[str], owner: User) -> None:
    poll, ids = poll_of(CASES[binding], created_by=owner)
    close_poll(poll)
    closed = {"is_final": True, "tie_seed": seed_of(poll)}

    answers = results(client_of(owner), poll, "comparison/")

    assert [answer["count"] for answer in answers] == others
    assert [answer for answer in answers if not answer.pop("explanation")] == []
    by_count = {answer["count"]: answer for answer in answers}
    # With one seat a transferable vote is an instant run-off with a quota.
    for count in {"stv", "stv_meek"} & by_count.keys():
        assert by_count.pop(count)["winners"] == [ids[2]]
    assert by_count == {count: told(poll, CASES[count], ids) | closed for count in by_count}


def test_comparison_of_dots_is_with_scores_that_are_high_enough(owner: User) -> None:
    told_of = []
    for most in (4, 3):
        poll, ids = poll_of(CASES["dots"], created_by=owner, max_score=most)
        close_poll(poll)
        answers = results(client_of(owner), poll, "comparison/")
        told_of.append([(answer["method"], answer["count"], ids.index(*answer["winners"])) for answer in answers])

    counts = ["sum", "mean", "median", "star", "majority_judgment"]
    assert told_of == [[("score", count, 0) for count in counts], []]


def test_comparison_knows_words_and_shared_places(owner: User) -> None:
    poll, ids = poll_with(method="ranked", equal_ranks=True, created_by=owner, allows_abstention=True)
    for body in (f"{ids[0]}:1 {ids[1]}:1", "abstain"):
        cast_vote(poll, Voter.from_user(UserFactory()), Ballot.from_body(body))
    close_poll(poll)

    answers = results(client_of(owner), poll, "comparison/")

    assert [(answer["count"], answer["votes"], answer["abstentions"]) for answer in answers] == [
        (count, 2, 1) for count in OTHERS["irv"]
    ]


def comparison(client: DocumentedClient, poll: Poll) -> tuple[int, str]:
    response = client.get(f"/api/polls/{poll.pk}/results/comparison/")
    return response.status_code, response.json()["code"] if response.status_code != 200 else ""


def test_who_may_compare(guest: DocumentedClient, owner: User) -> None:
    poll, _ids = poll_of(CASES["irv"], created_by=owner)
    manager = UserFactory()
    manager.user_permissions.add(Permission.objects.get(codename="change_poll"))
    clients = [guest, client_of(UserFactory()), client_of(owner), client_of(manager)]

    while_open = [comparison(client, poll) for client in clients]
    Poll.objects.filter(pk=poll.pk).update(expires_at=database_now())
    by_the_deadline = [comparison(client, poll) for client in clients]
    finalise(Poll.objects.get(pk=poll.pk))
    closed = [comparison(client, poll) for client in clients]

    refused = [(403, "authentication_required"), (403, "permission_denied")]
    assert while_open == [*refused, *[(409, "poll_not_closed")] * 2]
    assert by_the_deadline == closed == [*refused, (200, ""), (200, "")]


@pytest.mark.parametrize(
    ("visibility", "while_open", "closed"),
    [
        (Visibility.NEVER, (403, "results_hidden"), (403, "results_hidden")),
        (Visibility.AFTER_CLOSE, (403, "results_hidden"), (200, "")),
        (Visibility.AFTER_VOTE, (403, "results_hidden"), (200, "")),
        (Visibility.MANAGERS, (409, "poll_not_closed"), (200, "")),
    ],
)
def test_comparison_is_hidden_where_results_are(
    visibility: Visibility, while_open: tuple[int, str], closed: tuple[int, str], owner: User
) -> None:
    poll, _ids = poll_of(CASES["irv"], created_by=owner, visibility=visibility)
    client = client_of(owner)

    answers = [comparison(client, poll)]
    close_poll(poll)
    answers.append(comparison(client, poll))

    assert answers == [while_open, closed]


class TokenView(ComparisonView):
    authentication_classes = (TokenAuthentication,)


def test_comparison_challenges_a_guest_where_there_is_a_challenge(rf: RequestFactory) -> None:
    poll, _ids = poll_of(CASES["irv"])

    response = TokenView.as_view()(rf.get("/"), id=str(poll.pk))

    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Token")
    assert response.data == {"code": "authentication_required", "detail": "Log in to do this."}


def test_comparison_of_what_is_no_poll_for_the_asker(guest: DocumentedClient, owner: User) -> None:
    draft, _ids = poll_with(is_draft=True, created_by=owner)

    answers = [
        comparison(guest, draft),
        comparison(client_of(owner), draft),
        guest.get("/api/polls/x/results/comparison/").status_code,
    ]

    assert answers == [(404, "not_found"), (409, "poll_not_closed"), 404]


def test_comparison_is_for_no_cache_and_decides_nothing(owner: User) -> None:
    poll, _ids = poll_of(CASES["irv"], created_by=owner)
    close_poll(poll)
    client = client_of(owner)
    before = results(client, poll)

    response = client.get(f"/api/polls/{poll.pk}/results/comparison/", headers={"if-none-match": "*"})

    assert (response.status_code, response.headers["Cache-Control"]) == (200, "private, no-store")
    assert response.headers.get("ETag") is None
    assert results(client, poll) == before


# Statements.


def statements(client: DocumentedClient, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", ["irv", "schulze", "stv", "sum", "star", "dots", "proposal"])
def test_statements_of_results(name: str, guest: DocumentedClient, owner: User) -> None:
    poll, _ids = poll_of(CASES[name], created_by=owner)
    path = f"/api/polls/{poll.pk}/results/"

    first, again = statements(guest, path), statements(guest, path)
    close_poll(poll)
    closed = statements(guest, path)
    compared = statements(client_of(owner), f"{path}comparison/")

    assert (first, again, closed, compared) == (5, 5, 4, 8)


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("name", ["irv", "ranked_pairs", "stv_meek", "median", "dots"])
def test_statements_of_a_list(name: str, number: int, guest: DocumentedClient) -> None:
    for _number in range(number):
        poll_of(CASES[name])

    first, again = statements(guest, "/api/polls/"), statements(guest, "/api/polls/")

    assert (first, again) == (5 + number, 6)
