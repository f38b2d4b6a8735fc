"""Who is voting, and how a request becomes a voter: by session, authenticator, signed token or connection address."""

import hashlib
import hmac
import ipaddress
import logging
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol, Self
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import HttpResponseBase

from django_polls.conf import conf
from django_polls.exceptions import AuthenticationRequired, VoterAddressUnknown, VoterTokenRequired
from django_polls.models import Poll
from django_polls.models.polls import GuestIdentity

logger = logging.getLogger(__name__)

User = AbstractBaseUser | AnonymousUser | None

TOKEN_BYTES = 16
# Where a request keeps that its token was drawn for it.
DRAWN = "django_polls.token_drawn"
COOKIE_AGE = 365 * 24 * 3600
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where a reverse proxy connects from: loopback, private and shared networks, and addresses of the link.
PROXY_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
FORWARDING_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


class Request(Protocol):
    """What identity needs of a request: Django's and the REST framework's both have it."""

    @property
    def META(self) -> MutableMapping[str, Any]: ...  # noqa: N802
    @property
    def COOKIES(self) -> MutableMapping[str, str]: ...  # noqa: N802


@dataclass(frozen=True, slots=True)
class Voter:
    """Who is voting: a key that is theirs in the poll, and the user where there is one.

    No key depends on SECRET_KEY, whose rotation would let everybody vote twice. `guest` says what a guest's key was
    made of; a vote under another poll's idea of a guest is refused.
    """

    key: UUID
    user: AbstractBaseUser | None = None
    guest: GuestIdentity | None = None

    @classmethod
    def from_user(cls, user: AbstractBaseUser) -> Self:
        """Return the voter that this user is, the same in all polls."""
        return cls(_hashed(f"user:{user.pk}".encode()), user)

    @classmethod
    def from_token(cls, token: bytes) -> Self:
        """Return the guest who holds this random token, the same in all polls."""
        return cls(_hashed(b"token:" + token), guest=GuestIdentity.COOKIE)

    @classmethod
    def from_address(cls, address: str, poll: Poll) -> Self:
        """Return the guest at this address, under a key that only this poll can compute.

        There are few addresses, so a plain hash would give them away; once the poll's key is dropped nothing does.
        """
        if poll.address_key is None:
            raise VoterAddressUnknown
        digest = hmac.new(bytes(poll.address_key), b"address:" + address.encode(), hashlib.sha256).digest()
        return cls(_uuid(digest), guest=GuestIdentity.ADDRESS)


def _hashed(identity: bytes) -> UUID:
    return _uuid(hashlib.sha256(b"django_polls:" + identity).digest())


def _uuid(digest: bytes) -> UUID:
    """Return 122 bits of the digest as a UUID of version 4: MariaDB stores no UUID without a version."""
    return UUID(bytes=digest[:16], version=4)


class _UndeclaredProxy(VoterAddressUnknown):
    """The connection is a proxy's, of which the site says nothing."""


def voter_of(request: Request, poll: Poll) -> Voter:
    """Return who votes in this poll by this request.

    Raises VoterTokenRequired or VoterAddressUnknown where a guest brings no identity of the poll's kind, and
    AuthenticationRequired where none would be of use.
    """
    try:
        return voter_to_be(request, poll)
    except _UndeclaredProxy:
        logger.warning(
            "A guest's vote was refused: set DJANGO_POLLS_TRUSTED_PROXY_COUNT for the proxy before this site."
        )
        raise


def voter_to_be(request: Request, poll: Poll) -> Voter:
    """Return who would vote in this poll by this request, for whoever only shows it. Raises what `voter_of` raises."""
    try:
        return _identified(request, poll)
    except (VoterTokenRequired, VoterAddressUnknown):
        if not poll.takes_guests:
            raise AuthenticationRequired from None
        raise


def viewer_of(request: Request, poll: Poll) -> Voter | None:
    """Return who looks at this poll, None for somebody who cannot have voted in it."""
    try:
        return _identified(request, poll)
    except (VoterTokenRequired, VoterAddressUnknown):
        return None


def _identified(request: Request, poll: Poll) -> Voter:
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return Voter.from_user(user)
    if poll.guest_identity == GuestIdentity.COOKIE:
        return Voter.from_token(_token(request))
    return Voter.from_address(voter_address(request.META), poll)


def _signer() -> signing.Signer:
    return signing.Signer(salt="django_polls.voter")


def _token(request: Request) -> bytes:
    try:
        token = bytes.fromhex(_signer().unsign(request.COOKIES.get(conf.voter_cookie_name, "")))
    except (signing.BadSignature, ValueError):
        raise VoterTokenRequired from None
    return token


def hand_out_token(request: Request, response: HttpResponseBase) -> None:
    """Give the guest a random token of 128 bits in a signed cookie, unless the request brought a good one."""
    if draw_token(request) or request.META.get(DRAWN):
        response.set_cookie(
            conf.voter_cookie_name,
            request.COOKIES[conf.voter_cookie_name],
            max_age=COOKIE_AGE,
            secure=conf.voter_cookie_secure,
            httponly=True,
            samesite="Lax",
        )


def draw_token(request: Request) -> bool:
    """Give the request a new token if it brought no good one, and return whether it did.

    So the guest is somebody from their first page on, to whom `hand_out_token` then gives what was drawn.
    """
    try:
        _token(request)
    except VoterTokenRequired:
        request.COOKIES[conf.voter_cookie_name] = _signer().sign(secrets.token_hex(TOKEN_BYTES))
        request.META[DRAWN] = True
        return True
    return False


def voter_address(meta: Mapping[str, object]) -> str:
    """Return the guest's network as text: one IPv4 address, or the /64 of an IPv6 address, which one person owns whole.

    Raises VoterAddressUnknown where there is none, or where an undeclared proxy would make all its clients one voter.
    """
    # Empty behind a Unix socket.
    peer = str(meta.get("REMOTE_ADDR", ""))
    if conf.trusted_proxy_count is None and _is_forwarded_by_a_proxy(peer, meta):
        raise _UndeclaredProxy
    forwarded = _forwarded(meta, conf.trusted_proxy_count) if conf.trusted_proxy_count else None
    return _network(forwarded or _parsed(peer))


def _is_forwarded_by_a_proxy(peer: str, meta: Mapping[str, object]) -> bool:
    if not any(meta.get(name) for name in FORWARDING_HEADERS):
        return False
    return not peer or any(_parsed(peer) in network for network in PROXY_NETWORKS)


def _forwarded(meta: Mapping[str, object], hops: int) -> Address | None:
    """Return the address that the outermost trusted proxy saw; None where the request passed fewer proxies."""
    chain = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if len(chain) < hops or not chain[-hops].strip():
        logger.warning("A request came past fewer proxies than DJANGO_POLLS_TRUSTED_PROXY_COUNT says.")
        return None
    return _parsed(chain[-hops])


def _parsed(text: str) -> Address:
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        raise VoterAddressUnknown from None
    return getattr(address, "ipv4_mapped", None) or address


def _network(address: Address) -> str:
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))
