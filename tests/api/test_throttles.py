"""Throttles count exactly, whoever asks at once, and never fail a vote."""

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser, User
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpRequest
from pytest_django import Settings
from rest_framework.views import APIView

from django_polls.api.throttles import ScopedThrottle
from django_polls.api.views import CopyView, PollListView, VoteView
from django_polls.models import Poll, Vote
from django_polls.throttles import REST, breaker, parsed_rate
from tests.api.conftest import client_of
from tests.api.documented import DocumentedClient
from tests.factories import PollFactory, UserFactory

LIMIT = 20
BURST = 200
NOON = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _rates(settings: Settings) -> None:
    settings.DJANGO_POLLS_THROTTLE_RATES = {"vote": f"{LIMIT}/hour", "create": "2/hour"}


def request_from(
    address: str = "203.0.113.9", *, method: str = "POST", user: User | None = None, **meta: str
) -> HttpRequest:
    request = HttpRequest()
    request.method, request.user = method, user or AnonymousUser()
    request.META = {"REMOTE_ADDR": address, **meta}
    return request


def is_allowed(request: HttpRequest, view: type[APIView] = VoteView) -> bool:
    # The throttle looks at nothing that only a view's instance or the framework's request has.
    arguments: Any = request, view
    return ScopedThrottle().allow_request(*arguments)


def allowed_of_burst(request: Callable[[], HttpRequest]) -> int:
    """Return how many of a burst of simultaneous requests are let through."""
    with ThreadPoolExecutor(max_workers=50) as pool:
        return sum(pool.map(lambda _number: is_allowed(request()), range(BURST)))


def allowed_in_turn(*requests: HttpRequest) -> int:
    return sum(is_allowed(request) for request in requests)


@time_machine.travel(NOON, tick=False)
def test_burst_lets_exactly_the_limit_through() -> None:
    assert allowed_of_burst(request_from) == LIMIT


@time_machine.travel(NOON, tick=False)
def test_burst_lets_exactly_the_limit_through_on_redis(redis_url: str, settings: Settings) -> None:
    redis = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url}
    settings.CACHES = {**settings.CACHES, "redis": {**redis, "KEY_PREFIX": uuid.uuid4().hex}}
    settings.DJANGO_POLLS_THROTTLE_CACHE = "redis"

    passed = allowed_of_burst(request_from), allowed_of_burst(lambda: request_from("203.0.113.10"))

    assert passed == (LIMIT, LIMIT)


def test_next_window_starts_anew() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        first = allowed_in_turn(*[request_from() for _ in range(LIMIT + 5)])
        clock.shift(timedelta(hours=1))
        second = allowed_in_turn(*[request_from() for _ in range(LIMIT + 5)])

    assert (first, second) == (LIMIT, LIMIT)


# Whoever sends these is one client each, however they spell it.
ONE_CLIENT = {
    "an address": [{"address": "203.0.113.9"}],
    "a /64": [{"address": f"2001:db8::{number:x}"} for number in range(1, BURST)],
    "an IPv4 address in IPv6": [{"address": "203.0.113.9"}, {"address": "::ffff:203.0.113.9"}],
    "made-up forwarding": [{"HTTP_X_FORWARDED_FOR": f"198.51.100.{number}"} for number in range(BURST)],
    "made-up forwarding behind a proxy": [
        {"address": "10.0.0.1", "HTTP_X_FORWARDED_FOR": f"198.51.100.{number}"} for number in range(BURST)
    ],
    "a socket without an address": [{"address": ""}],
    "made-up headers": [{"HTTP_X_REAL_IP": f"198.51.100.{n}", "HTTP_USER_AGENT": str(n)} for n in range(BURST)],
}


@pytest.mark.parametrize("spellings", ONE_CLIENT.values(), ids=ONE_CLIENT)
@time_machine.travel(NOON, tick=False)
def test_client_has_one_count(spellings: list[dict[str, Any]]) -> None:
    requests = [request_from(**spellings[number % len(spellings)]) for number in range(BURST)]

    assert allowed_in_turn(*requests) == LIMIT


@time_machine.travel(NOON, tick=False)
def test_addresses_users_and_scopes_are_counted_apart(db: None) -> None:
    users = UserFactory.create_batch(2)
    clients = [request_from(), request_from("203.0.113.10"), *(request_from(user=user) for user in users)]

    passed = [allowed_in_turn(*[client] * BURST) for client in clients]
    created = sum(is_allowed(request_from(), PollListView) for _ in range(5))
    copied = is_allowed(request_from(), CopyView)

    assert (passed, created, copied) == ([LIMIT] * 4, 2, False)


@time_machine.travel(NOON, tick=False)
def test_methods_share_a_count_and_reading_has_none() -> None:
    requests = [request_from(method=method) for method in ("POST", "PUT", "DELETE") for _ in range(LIMIT)]

    assert allowed_in_turn(*requests) == LIMIT
    assert allowed_in_turn(*[request_from(method="GET") for _ in range(BURST)]) == BURST


def test_keys_hold_no_address_and_no_user(db: None) -> None:
    is_allowed(request_from("203.0.113.9", user=UserFactory(pk=987_654)))
    is_allowed(request_from("203.0.113.9"))

    default: Any = caches["default"]
    keys = list(default._cache)

    assert len(keys) == 2
    assert [key for key in keys if "203.0" in key or "987654" in key] == []


@pytest.mark.parametrize("rates", [{}, {"vote": None}, {"create": "1/day"}])
def test_scope_without_a_rate_is_not_counted(rates: dict[str, str | None], settings: Settings) -> None:
    settings.DJANGO_POLLS_THROTTLE_RATES = rates

    assert allowed_in_turn(*[request_from() for _ in range(BURST)]) == BURST


@pytest.mark.parametrize(
    ("rate", "parsed"),
    [("1/s", (1, 1)), ("120/min", (120, 60)), ("60/hour", (60, 3_600)), ("5/day", (5, 86_400)), ("0/sec", (0, 1))],
)
def test_rate_is_parsed(rate: str, parsed: tuple[int, int]) -> None:
    assert parsed_rate(rate) == parsed


@pytest.mark.parametrize("rate", ["", "10", "10/", "/min", "ten/min", "-1/min", "1.5/min", "10/fortnight"])
def test_rate_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="is not a rate like"):
        parsed_rate(rate)


class BrokenCache(LocMemCache):
    """A cache server that is away."""

    asked = 0

    def add(self, *args: Any, **kwargs: Any) -> bool:
        BrokenCache.asked += 1
        raise ConnectionError("no route to the cache")


class ForgetfulCache(LocMemCache):
    """A cache that drops each key once, just when it is asked to count on it."""

    def incr(self, key: object, delta: int = 1, version: int | None = None) -> int:
        if self.get(f"forgotten:{key}", version=version) is None:
            self.set(f"forgotten:{key}", 1, version=version)
            self.delete(key, version=version)
        return super().incr(key, delta, version)


class HopelessCache(LocMemCache):
    """A cache that drops every key at once."""

    def incr(self, key: object, delta: int = 1, version: int | None = None) -> int:
        raise ValueError(key)


def use_cache(settings: Settings, backend: type[LocMemCache]) -> None:
    path = f"{__name__}.{backend.__name__}"
    settings.CACHES = {"default": {"BACKEND": path, "LOCATION": uuid.uuid4().hex}}


def test_cache_that_fails_lets_votes_through_and_rests(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    use_cache(settings, BrokenCache)
    BrokenCache.asked = 0

    with caplog.at_level(logging.WARNING, "django_polls.api.throttles"):
        passed = allowed_in_turn(*[request_from() for _ in range(BURST)])

    assert (passed, BrokenCache.asked) == (BURST, 1)
    assert [record.getMessage() for record in caplog.records] == [
        f"The throttles' cache failed: requests are not counted for {REST} seconds."
    ]


def test_cache_that_failed_is_asked_again_after_its_rest(settings: Settings) -> None:
    use_cache(settings, BrokenCache)
    is_allowed(request_from())
    rested = breaker.is_resting

    use_cache(settings, LocMemCache)
    breaker.reset()

    assert (rested, allowed_in_turn(*[request_from() for _ in range(BURST)])) == (True, LIMIT)


@pytest.mark.parametrize(("backend", "passed"), [(ForgetfulCache, LIMIT + 1), (HopelessCache, BURST)])
@time_machine.travel(NOON, tick=False)
def test_cache_that_drops_keys_is_asked_again(backend: type[LocMemCache], passed: int, settings: Settings) -> None:
    use_cache(settings, backend)

    assert allowed_in_turn(*[request_from() for _ in range(BURST)]) == passed


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_throttled_vote_says_when_to_come_back(guest: DocumentedClient, settings: Settings) -> None:
    settings.DJANGO_POLLS_THROTTLE_RATES = {"vote": "1/min"}
    poll = PollFactory()
    url, body = f"/api/polls/{poll.pk}/vote/", {"option_id": poll.options.all()[0].pk}

    first = guest.post(url, body)
    second = guest.post(url, body)

    assert (first.status_code, second.status_code, second.headers["Retry-After"]) == (200, 429, "60")
    assert second.json()["code"] == "throttled"
    assert Vote.objects.count() == 1


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_polls_are_created_at_a_limited_rate(owner: User) -> None:
    client, body = client_of(owner), {"title": "T", "options": [{"text": "A"}, {"text": "B"}]}

    statuses = [client.post("/api/polls/", body, format="json").status_code for _ in range(3)]

    assert (statuses, Poll.objects.count()) == ([201, 201, 429], 2)
