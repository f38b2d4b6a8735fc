"""System checks: each setting, and each host that a check can see to be unsafe."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import isabstract
from os import PathLike
from pathlib import Path
from typing import Protocol, cast

from django.conf import settings
from django.core import checks
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import import_string

from django_polls.conf import Conf, conf, declared_settings, voting_methods
from django_polls.methods.base import VotingMethod
from django_polls.models import Poll
from django_polls.policies import Policy
from django_polls.statements import has_cast_function

PREFIX = "DJANGO_POLLS_"
RATE = re.compile(r"[1-9][0-9]*/(s|sec|second|m|min|minute|h|hour|d|day)", re.ASCII)
COOKIE_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
# An expression of a source list (CSP level 3): printable, and nothing that would end it or the directive.
SOURCE = re.compile(r"[!-+\-.-:<-~]+", re.ASCII)
MOST_PER_PAGE = 100
OLDEST_MARIADB = (10, 6)
METHOD_KEY_LENGTH = 50

# Each counts for one process alone, not at all, or in ways that two requests at once can get past.
UNFIT_CACHES = (LocMemCache, DummyCache, FileBasedCache, DatabaseCache)


class _Server(Protocol):
    """What Django's connection to MariaDB or MySQL knows of the server."""

    mysql_version: tuple[int, ...]
    mysql_is_mariadb: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """What a setting's value must be, in words and as a test."""

    expected: str
    accepts: Callable[[object], bool]


def _is_number(value: object, least: int, most: int | None = None) -> bool:
    return type(value) is int and value >= least and (most is None or value <= most)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(map(_is_text, value))


def _is_cookie_name(value: object) -> bool:
    return isinstance(value, str) and COOKIE_NAME.fullmatch(value) is not None


def _is_list_of_sources(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_source, value))


def _is_source(value: object) -> bool:
    return isinstance(value, str) and SOURCE.fullmatch(value) is not None and value.lower() != "'none'"


RULES: Mapping[str, Rule] = {
    "policy": Rule("a dotted path", _is_text),
    "methods": Rule("a list of dotted paths", _is_list_of_texts),
    "max_options": Rule("a whole number from 2 on", lambda value: _is_number(value, 2)),
    "max_ranked_options": Rule("a whole number from 2 on", lambda value: _is_number(value, 2)),
    "trusted_proxy_count": Rule(
        "None, or a whole number from 0 on", lambda value: value is None or _is_number(value, 0)
    ),
    "address_retention_days": Rule("a whole number from 0 on", lambda value: _is_number(value, 0)),
    "voter_cookie_name": Rule("a name that a cookie may have", _is_cookie_name),
    "voter_cookie_secure": Rule("True or False", lambda value: isinstance(value, bool)),
    "throttle_rates": Rule("a dictionary", lambda value: isinstance(value, Mapping)),
    "throttle_cache": Rule("the name of a cache", _is_text),
    "page_size": Rule(f"a whole number from 1 to {MOST_PER_PAGE}", lambda value: _is_number(value, 1, MOST_PER_PAGE)),
    "max_body_bytes": Rule("a whole number from 1 on", lambda value: _is_number(value, 1)),
    "frame_ancestors": Rule("a list of sources such as \"'self'\" or 'https://example.org'", _is_list_of_sources),
    "preview_font": Rule("the path of a file", lambda value: isinstance(value, str | PathLike)),
    "record_refusals": Rule("True or False", lambda value: isinstance(value, bool)),
}


def _error(number: int, text: str, hint: str | None = None) -> checks.Error:
    return checks.Error(text, hint=hint, id=f"django_polls.E{number:03}")


def _warning(number: int, text: str, hint: str | None = None) -> checks.Warning:
    return checks.Warning(text, hint=hint, id=f"django_polls.W{number:03}")


@checks.register
def check_settings(**_options: object) -> list[checks.CheckMessage]:
    """Check the names and the values of the settings."""
    wrong = {name: rule for name, rule in RULES.items() if not rule.accepts(getattr(conf, name))}
    messages = [*_unknown_settings(), *(_wrong_value(name, rule) for name, rule in wrong.items())]
    checked = {
        "policy": _policy_faults,
        "methods": _method_faults,
        "throttle_rates": _rate_faults,
        "throttle_cache": _cache_faults,
        "preview_font": _font_faults,
    }
    for name, faults in checked.items():
        messages += [] if name in wrong else faults()
    return messages


def _unknown_settings() -> Iterator[checks.CheckMessage]:
    known = [setting.name.removeprefix(PREFIX) for setting in declared_settings()]
    for name in (name.removeprefix(PREFIX) for name in dir(settings) if name.startswith(PREFIX)):
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"Did you mean {PREFIX}{close[0]}?" if close else "Remove it."
            yield _error(1, f"There is no setting {PREFIX}{name}.", hint)


def _wrong_value(name: str, rule: Rule) -> checks.CheckMessage:
    return _error(2, f"{PREFIX}{name.upper()} is {getattr(conf, name)!r}, and must be {rule.expected}.")


def _class_fault(path: str, base: type) -> str | None:
    """Return what is wrong with a dotted path that must lead to a usable subclass of the base."""
    try:
        found: object = import_string(path)
    except Exception as error:  # noqa: BLE001  the host's module may raise anything
        return f"cannot be imported: {error}"
    if not isinstance(found, type) or not issubclass(found, base):
        return f"is not a subclass of {base.__module__}.{base.__qualname__}"
    return "leaves methods of its base class open" if isabstract(found) else None


def _policy_faults() -> Iterator[checks.CheckMessage]:
    if fault := _class_fault(conf.policy, Policy):
        yield _error(3, f"DJANGO_POLLS_POLICY: '{conf.policy}' {fault}.")


def _method_faults() -> Iterator[checks.CheckMessage]:
    keys: dict[str, str] = {}
    for path in conf.methods:
        if fault := _class_fault(path, VotingMethod) or _key_fault(import_string(path)):
            yield _error(4, f"DJANGO_POLLS_METHODS: '{path}' {fault}.")
            continue
        key = import_string(path).key
        if key in keys:
            text = f"DJANGO_POLLS_METHODS: '{keys[key]}' and '{path}' have the same key, '{key}'."
            yield _error(5, text, "Polls keep the key of their method: give the new one a key of its own.")
        keys.setdefault(key, path)


def _key_fault(method: type[VotingMethod]) -> str | None:
    fits = 1 <= len(getattr(method, "key", "")) <= METHOD_KEY_LENGTH
    return None if fits else f"needs a key of 1 to {METHOD_KEY_LENGTH} characters"


def _rate_faults() -> Iterator[checks.CheckMessage]:
    scopes = Conf.__dict__["throttle_rates"].default
    for scope, rate in conf.throttle_rates.items():
        if scope not in scopes:
            known = ", ".join(sorted(scopes))
            yield _error(6, f"DJANGO_POLLS_THROTTLE_RATES: there is no scope {scope!r}.", f"Known: {known}.")
        elif rate is not None and not RATE.fullmatch(str(rate)):
            text = f"DJANGO_POLLS_THROTTLE_RATES: {rate!r} is no rate for {scope!r}."
            yield _error(6, text, "Write '120/min', with second, min, hour or day, or None for no limit.")


def _cache_faults() -> Iterator[checks.CheckMessage]:
    if conf.throttle_cache not in caches.settings:
        yield _error(7, f"DJANGO_POLLS_THROTTLE_CACHE: CACHES has no '{conf.throttle_cache}'.")


def _font_faults() -> Iterator[checks.CheckMessage]:
    if conf.preview_font and not Path(conf.preview_font).is_file():
        yield _error(10, f"DJANGO_POLLS_PREVIEW_FONT: there is no file '{conf.preview_font}'.")


@checks.register
def check_forwarding(**_options: object) -> Sequence[checks.CheckMessage]:
    """Check that a site that trusts forwarding headers also says how many proxies write them."""
    names = ("SECURE_PROXY_SSL_HEADER", "USE_X_FORWARDED_HOST", "USE_X_FORWARDED_PORT")
    trusted = [name for name in names if getattr(settings, name)]
    if not trusted or conf.trusted_proxy_count is not None:
        return []
    text = f"{trusted[0]} says that a proxy stands before this site, and DJANGO_POLLS_TRUSTED_PROXY_COUNT is not set."
    hint = (
        "Set how many proxies there are: until then guests' votes by address are refused, or all count as one guest's."
    )
    return [_warning(3, text, hint)]


@checks.register(checks.Tags.security, deploy=True)
def check_deployment(**_options: object) -> Sequence[checks.CheckMessage]:
    """Check what is right while developing and wrong on a public site."""
    messages = []
    name = conf.throttle_cache
    if any(conf.throttle_rates.values()) and name in caches.settings and isinstance(caches[name], UNFIT_CACHES):
        kind = type(caches[name]).__name__
        text = f"The cache '{name}', in which requests are counted, is a {kind}: limits are not exact there."
        messages.append(_warning(2, text, "Use Redis or Memcached, and name it in DJANGO_POLLS_THROTTLE_CACHE."))
    if not conf.voter_cookie_secure:
        text = "The cookie that makes a guest the same voter is also sent over plain HTTP."
        messages.append(_warning(4, text, "Set DJANGO_POLLS_VOTER_COOKIE_SECURE = True."))
    return messages


@checks.register
def check_database_settings(**_options: object) -> Sequence[checks.CheckMessage]:
    """Check how the database that takes votes is set up, without asking it."""
    connection = connections[router.db_for_write(Poll)]
    options = connection.settings_dict.get("OPTIONS", {})
    if connection.vendor == "sqlite" and str(options.get("transaction_mode")).upper() not in {"IMMEDIATE", "EXCLUSIVE"}:
        text = f"The SQLite database '{connection.alias}' begins transactions that fail where two people vote at once."
        return [_warning(1, text, 'Set "transaction_mode": "IMMEDIATE" in its OPTIONS.')]
    levels = {"postgresql": _postgresql_level, "mysql": _mysql_level}
    level = levels[connection.vendor](options) if connection.vendor in levels else "read committed"
    return [] if level == "read committed" else [_wrong_level(connection, level)]


def _postgresql_level(options: Mapping[str, object]) -> str:
    # The driver is there only if the database is PostgreSQL, and the numbers of the levels are the driver's own.
    from django.db.backends.postgresql.psycopg_any import IsolationLevel  # noqa: PLC0415

    level = options.get("isolation_level", IsolationLevel.READ_COMMITTED)
    return "read committed" if level == IsolationLevel.READ_COMMITTED else f"isolation level {level}"


def _mysql_level(options: Mapping[str, object]) -> str:
    return str(options.get("isolation_level", "read committed")).lower()


def _wrong_level(connection: BaseDatabaseWrapper, level: str) -> checks.CheckMessage:
    text = f"The database '{connection.alias}' works at {level}: votes are exact at READ COMMITTED alone."
    return _error(8, text, "Remove isolation_level from its OPTIONS, or set READ COMMITTED on the server.")


@checks.register(checks.Tags.database)
def check_database(databases: Sequence[str] | None = None, **_options: object) -> list[checks.CheckMessage]:
    """Ask the database that takes votes how it is set up, where the command names it (`check --database default`)."""
    connection = connections[router.db_for_write(Poll)]
    if connection.alias not in (databases or ()):
        return []
    is_migrated = Poll._meta.db_table in connection.introspection.table_names()
    return [*_server_faults(connection, is_migrated=is_migrated), *(_poll_faults(connection) if is_migrated else ())]


def _server_faults(connection: BaseDatabaseWrapper, *, is_migrated: bool) -> Iterable[checks.CheckMessage]:
    if connection.vendor == "postgresql":
        return _postgresql_faults(connection, is_migrated=is_migrated)
    if connection.vendor == "mysql":
        server = cast("_Server", connection)
        return server_faults(server.mysql_version, is_mariadb=server.mysql_is_mariadb)
    return ()


def _poll_faults(connection: BaseDatabaseWrapper) -> Iterator[checks.CheckMessage]:
    used = Poll.objects.using(connection.alias).order_by().values_list("method", flat=True).distinct()
    for key in sorted(set(used) - voting_methods().keys()):
        text = f"Polls use the voting method '{key}', which this site has not: nobody can vote in them or count them."
        yield _warning(9, text, "Add it to DJANGO_POLLS_METHODS.")


def _postgresql_faults(connection: BaseDatabaseWrapper, *, is_migrated: bool) -> Iterator[checks.CheckMessage]:
    names = ("synchronous_commit", "lock_timeout", "default_transaction_isolation")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s), current_setting(%s), current_setting(%s)", names)
        commit, timeout, level = cursor.fetchone()
    if commit == "off":
        text = (
            f"The database '{connection.alias}' has synchronous_commit off: a crash loses votes that were acknowledged."
        )
        yield _warning(5, text, "Set it to on, at least for the role of this site.")
    if timeout == "0":
        text = (
            f"The database '{connection.alias}' has no lock_timeout: a lock that is not freed holds up votes for ever."
        )
        yield _warning(6, text, 'Set "options": "-c lock_timeout=3s" in its OPTIONS.')
    if is_migrated and not has_cast_function(connection.alias):
        text = f"The database '{connection.alias}' lacks django_polls_cast_vote(): a vote takes several statements."
        yield _warning(8, text, "Migration 0001 creates it; grant the role of this site EXECUTE on it.")
    if level != "read committed":
        yield _wrong_level(connection, level)


def server_faults(version: Iterable[int], *, is_mariadb: bool) -> Iterator[checks.CheckMessage]:
    """Yield what speaks against a server of this version, MariaDB or MySQL."""
    if not is_mariadb:
        yield _warning(7, "MySQL is not tested with django_polls.", "Use PostgreSQL, MariaDB or SQLite.")
    elif tuple(version)[:2] < OLDEST_MARIADB:
        found, oldest = (".".join(map(str, numbers)) for numbers in (version, OLDEST_MARIADB))
        yield _error(9, f"MariaDB {found} is too old: django_polls needs {oldest} or later.")
