"""Every setting: name, type, default and one line on what it does; `override_settings` works, whenever it is used."""

from collections.abc import Mapping, Sequence
from functools import cache
from os import PathLike
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from django_polls.methods.base import VotingMethod

T = TypeVar("T")

# What has been read, until a test changes a setting: a vote asks for ten, and Django looks for an absent one slowly.
_read: dict[str, Any] = {}


class Setting(Generic[T]):
    """One `DJANGO_POLLS_...` setting: the host's value, else the default."""

    def __init__(self, default: T, about: str) -> None:
        self.default = default
        self.about = about

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = f"DJANGO_POLLS_{name.upper()}"

    def __get__(self, instance: object, owner: type) -> T:
        try:
            value: T = _read[self.name]
        except KeyError:
            value = _read[self.name] = getattr(settings, self.name, self.default)
        return value


class Conf:
    """The settings, by their lower-case names without the prefix."""

    policy = Setting("django_polls.policies.Policy", "The class that says who may do what, by dotted path.")
    methods = Setting(
        [
            "django_polls.methods.approval.SingleChoice",
            "django_polls.methods.approval.Approval",
            "django_polls.methods.ranked.Ranked",
            "django_polls.methods.scored.Score",
            "django_polls.methods.dots.Dots",
            "django_polls.methods.consent.YesNo",
        ],
        "The voting methods that polls may use, by dotted path.",
    )
    max_options = Setting(100, "How many options a poll may have.")
    max_ranked_options = Setting(50, "How many it may have where voters rank them: counting costs their cube.")
    trusted_proxy_count = Setting[int | None](
        None, "How many reverse proxies stand before the site; 0 says none. Unset, forwarded addresses never count."
    )
    address_retention_days = Setting(30, "How many days after its close a poll keeps the key to guests' addresses.")
    voter_cookie_name = Setting("django_polls_voter", "The name of the cookie that holds a guest's voter token.")
    voter_cookie_secure = Setting(False, "Whether that cookie is sent over HTTPS alone.")  # noqa: FBT003
    throttle_rates = Setting[Mapping[str, str | None]](
        {"vote": "120/min", "create": "60/hour"},
        "How many requests of a scope one user, or one guest's address, may make: number/second, min, hour or day.",
    )
    throttle_cache = Setting("default", "The cache in which requests are counted.")
    page_size = Setting(25, "How many polls a page of the API holds unless the client asks otherwise.")
    max_body_bytes = Setting(65_536, "How large the body of an API request may be.")
    frame_ancestors = Setting[Sequence[str]](
        ["*"], "Which sites may show a poll in a frame, as sources of a content security policy; an empty list: none."
    )
    preview_font = Setting[str | PathLike[str]](
        "", "The file of the font in which Pillow draws previews; without one it knows Latin letters alone."
    )
    record_refusals = Setting(False, "Whether refused votes are counted, by poll, reason and hour, and of nobody.")  # noqa: FBT003


conf = Conf()


def site_language() -> str:
    """Return the language of the site, which it speaks to whoever asks for none."""
    language: str = settings.LANGUAGE_CODE
    return language


def content_policy() -> Mapping[str, Any]:
    """Return the content security policy of the site, where Django has any (6.0)."""
    policy: Mapping[str, Any] = getattr(settings, "SECURE_CSP", {})
    return policy


def declared_settings() -> list[Setting[object]]:
    """Return every setting there is, in the order declared."""
    return [value for value in vars(Conf).values() if isinstance(value, Setting)]


def _forget(**_changed: object) -> None:
    _read.clear()


setting_changed.connect(_forget)


@cache
def _loaded(path: str) -> VotingMethod:
    method: VotingMethod = import_string(path)()
    return method


def voting_methods() -> dict[str, VotingMethod]:
    """Return the registered methods by their keys."""
    return {method.key: method for method in map(_loaded, conf.methods)}
