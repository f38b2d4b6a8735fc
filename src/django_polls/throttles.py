"""How often one user or one address may do a thing: exact counts in fixed windows, in the host's cache.

A limit is never what keeps a vote from being counted twice: the database is. So where the cache fails, requests pass.
"""

import logging
import time
from functools import lru_cache
from typing import Protocol

from django.core.cache import BaseCache, caches
from django.utils.crypto import salted_hmac

from django_polls.conf import conf
from django_polls.exceptions import VoterAddressUnknown
from django_polls.identity import Request, User, voter_address
from django_polls.policies import is_known

logger = logging.getLogger(__name__)

PERIODS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
REST = 10
"""Seconds for which a cache that failed is not asked again, so that a dead one delays no more than a request."""
ATTEMPTS = 5


class Asking(Request, Protocol):
    """A request by somebody: Django's and the REST framework's both are."""

    @property
    def user(self) -> User: ...


@lru_cache
def parsed_rate(rate: str) -> tuple[int, int]:
    """Return the number of requests and the seconds of the window that a rate like `120/min` means.

    Raises ValueError for what is no rate.
    """
    number, _slash, period = rate.partition("/")
    if not number.isdecimal() or period[:1] not in PERIODS:
        raise ValueError(f"{rate!r} is not a rate like '120/min'.")
    return int(number), PERIODS[period[:1]]


class Breaker:
    """Remembers that the cache failed, for `REST` seconds of this process."""

    def __init__(self) -> None:
        self._closed_until = 0.0

    @property
    def is_resting(self) -> bool:
        """Whether the cache failed a moment ago."""
        return time.monotonic() < self._closed_until

    def trip(self) -> None:
        """Leave the cache alone for a while."""
        self._closed_until = time.monotonic() + REST

    def reset(self) -> None:
        """Ask the cache again from now on."""
        self._closed_until = 0.0


breaker = Breaker()


def wait_for(request: Asking, scope: str) -> float:
    """Count one more request of the scope, and return how many seconds it comes too early; 0 where it may pass."""
    rate = conf.throttle_rates.get(scope)
    if not rate or breaker.is_resting:
        return 0
    limit, period = parsed_rate(rate)
    window, elapsed = divmod(time.time(), period)
    is_allowed = _count(f"django_polls:{scope}:{_client(request)}:{int(window)}", period) <= limit
    return 0 if is_allowed else period - elapsed


def _client(request: Asking) -> str:
    """Return a name for whoever sends the request that tells nobody who it is."""
    return salted_hmac("django_polls.throttle", _identity(request), algorithm="sha256").hexdigest()[:32]


def _identity(request: Asking) -> str:
    user = request.user
    if user is not None and is_known(user):
        return f"user:{user.pk}"
    try:
        return f"address:{voter_address(request.META)}"
    except VoterAddressUnknown:
        return f"address:{request.META.get('REMOTE_ADDR', '')}"


def _count(key: str, period: int) -> int:
    """Count one more request under the key, and return how many that are; none, where the cache does not answer."""
    try:
        return _counted(caches[conf.throttle_cache], key, period)
    except Exception:
        # Each cache backend fails in its own way, and no way may cost a vote.
        breaker.trip()
        logger.warning("The throttles' cache failed: requests are not counted for %d seconds.", REST, exc_info=True)
        return 0


def _counted(cache: BaseCache, key: str, period: int) -> int:
    for _attempt in range(ATTEMPTS):
        # The key outlives its window, so that only a cache that drops keys can drop one between these two.
        if cache.add(key, 1, timeout=2 * period):
            return 1
        try:
            return cache.incr(key)
        except ValueError:
            continue
    return 0
