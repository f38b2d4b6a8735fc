"""Who a request votes as: what it says of itself never counts, what the connection and the signatures say does."""

from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from django_polls.exceptions import AuthenticationRequired, VoterAddressUnknown, VoterTokenRequired
from django_polls.identity import Voter, hand_out_token, viewer_of, voter_address, voter_of
from django_polls.models import Poll
from django_polls.models.polls import Electorate, GuestIdentity
from tests.factories import UserFactory

SPOOFS = [
    {header: value}
    for header in (
        "HTTP_X_FORWARDED_FOR",
        "HTTP_X_REAL_IP",
        "HTTP_FORWARDED",
        "HTTP_CLIENT_IP",
        "HTTP_TRUE_CLIENT_IP",
        "HTTP_CF_CONNECTING_IP",
        "HTTP_X_CLUSTER_CLIENT_IP",
        "HTTP_X_ORIGINATING_IP",
    )
    for value in ("6.6.6.6", "6.6.6.6, 7.7.7.7", "for=6.6.6.6", "127.0.0.1", "::1")
]


def guest() -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return request


@pytest.mark.parametrize("spoof", SPOOFS)
@pytest.mark.parametrize("count", [None, 0])
def test_voter_address_without_proxies_is_the_peer_s(spoof: dict[str, str], count: int | None) -> None:
    with override_settings(DJANGO_POLLS_TRUSTED_PROXY_COUNT=count):
        assert voter_address({"REMOTE_ADDR": "203.0.113.9", **spoof}) == "203.0.113.9"


@pytest.mark.parametrize(
    ("count", "chain", "address"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::1]:4711", "2001:db8::/64"),
        (1, "2001:db8::1", "2001:db8::/64"),
        (1, "fe80::1%eth0", "fe80::/64"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_voter_address_behind_declared_proxies_is_what_the_outermost_saw(count: int, chain: str, address: str) -> None:
    meta = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": chain}

    with override_settings(DJANGO_POLLS_TRUSTED_PROXY_COUNT=count):
        assert voter_address(meta) == address


@pytest.mark.parametrize("peer", ["", "127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "::ffff:10.0.0.1"])
@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"])
def test_voter_address_behind_an_undeclared_proxy_is_refused(
    peer: str, header: str, caplog: pytest.LogCaptureFixture
) -> None:
    request = guest()
    request.META.update({"REMOTE_ADDR": peer, header: "203.0.113.9"})

    looking = viewer_of(request, Poll())
    said_of_looking = list(caplog.records)
    with pytest.raises(VoterAddressUnknown):
        voter_of(request, Poll())

    assert (looking, said_of_looking) == (None, [])
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "203.0.113.9" not in caplog.text


@pytest.mark.parametrize("identity", GuestIdentity)
def test_guest_without_identity_is_asked_to_log_in_where_the_poll_is_for_users(identity: GuestIdentity) -> None:
    request = guest()
    request.META["REMOTE_ADDR"] = ""

    for electorate in (Electorate.USERS, Electorate.GROUPS, Electorate.PERMISSION):
        with pytest.raises(AuthenticationRequired):
            voter_of(request, Poll(electorate=electorate, guest_identity=identity))
    for electorate in (Electorate.ANYONE, Electorate.POLICY):
        with pytest.raises((VoterTokenRequired, VoterAddressUnknown)):
            voter_of(request, Poll(electorate=electorate, guest_identity=identity))


@pytest.mark.parametrize("peer", ["", "unix:", "localhost", "1.2.3"])
def test_voter_address_without_one_is_refused(peer: str) -> None:
    with pytest.raises(VoterAddressUnknown):
        voter_address({"REMOTE_ADDR": peer})


@override_settings(DJANGO_POLLS_TRUSTED_PROXY_COUNT=1)
def test_voter_address_behind_a_proxy_on_a_unix_socket() -> None:
    assert voter_address({"REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": "203.0.113.5"}) == "203.0.113.5"


def test_a_thousand_addresses_of_one_ipv6_network_are_one_voter() -> None:
    poll = Poll()

    keys = {Voter.from_address(voter_address({"REMOTE_ADDR": f"2001:db8::{n:x}"}), poll).key for n in range(1, 1_001)}
    neighbour = Voter.from_address(voter_address({"REMOTE_ADDR": "2001:db8:0:1::1"}), poll).key

    assert len(keys) == 1
    assert neighbour not in keys


def test_addresses_are_known_by_each_poll_alone() -> None:
    first, second = Poll(), Poll()

    keys = {Voter.from_address("192.0.2.1", poll).key for poll in (first, first, second)}

    assert len(keys) == 2


def test_a_new_secret_key_leaves_users_and_addresses_who_they_are() -> None:
    poll, user = Poll(), UserFactory.build(pk=7)

    before = Voter.from_user(user), Voter.from_address("192.0.2.1", poll)
    with override_settings(SECRET_KEY="rotated"):
        after = Voter.from_user(user), Voter.from_address("192.0.2.1", poll)

    assert before == after
    assert before[0].key == UUID("534ad1dc-fa0f-439d-baa4-8182e367ff76")


def test_a_new_secret_key_leaves_guests_who_they_are_while_the_old_one_is_a_fallback() -> None:
    poll = Poll(guest_identity=GuestIdentity.COOKIE)
    request = with_cookie()
    before = voter_of(request, poll)

    with override_settings(SECRET_KEY="rotated", SECRET_KEY_FALLBACKS=["tests"]):
        after = voter_of(request, poll)

    assert before == after


def with_cookie() -> HttpRequest:
    response = HttpResponse()
    hand_out_token(guest(), response)
    request = guest()
    request.COOKIES["django_polls_voter"] = response.cookies["django_polls_voter"].value
    return request


def test_hand_out_token_gives_a_cookie_that_scripts_and_other_sites_cannot_use() -> None:
    response = HttpResponse()

    hand_out_token(guest(), response)

    cookie = response.cookies["django_polls_voter"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["path"]) == (True, "Lax", "", "/")
    assert len(bytes.fromhex(cookie.value.partition(":")[0])) == 16


def test_hand_out_token_keeps_the_one_there_is() -> None:
    response = HttpResponse()

    hand_out_token(with_cookie(), response)

    assert response.cookies == {}


@override_settings(DJANGO_POLLS_VOTER_COOKIE_NAME="guest", DJANGO_POLLS_VOTER_COOKIE_SECURE=True)
def test_hand_out_token_follows_the_settings() -> None:
    response = HttpResponse()

    hand_out_token(guest(), response)

    assert (list(response.cookies), response.cookies["guest"]["secure"]) == (["guest"], True)


@pytest.mark.parametrize("cookie", ["", "junk", "00:bad", signing.Signer(salt="other").sign("00" * 16)])
def test_a_token_of_the_guest_s_own_making_is_refused(cookie: str) -> None:
    poll = Poll(guest_identity=GuestIdentity.COOKIE)
    request = guest()
    request.COOKIES["django_polls_voter"] = cookie

    with pytest.raises(VoterTokenRequired):
        voter_of(request, poll)
    assert viewer_of(request, poll) is None


def test_a_signed_token_that_is_not_hexadecimal_is_refused() -> None:
    poll = Poll(guest_identity=GuestIdentity.COOKIE)
    request = guest()
    request.COOKIES["django_polls_voter"] = signing.Signer(salt="django_polls.voter").sign("not hexadecimal")

    with pytest.raises(VoterTokenRequired):
        voter_of(request, poll)


def test_voter_of_a_user_is_the_user_whatever_the_poll_asks_of_guests() -> None:
    user = UserFactory.build(pk=7)
    request = guest()
    request.user = user

    voters = {voter_of(request, Poll(guest_identity=identity)) for identity in GuestIdentity}

    assert voters == {Voter.from_user(user)}


def test_voter_of_a_request_without_a_user_is_a_guest() -> None:
    poll = Poll()
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1")

    assert voter_of(request, poll) == Voter.from_address("192.0.2.1", poll)
