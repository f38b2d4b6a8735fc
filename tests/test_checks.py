"""Each system check, with a host that it speaks against and one that it leaves alone."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from inspect import getsource
from pathlib import Path

import pytest
from django.core.checks import CheckMessage
from django.core.checks import Error as ErrorMessage
from django.core.checks import Warning as WarningMessage
from django.core.checks.registry import registry
from django.db import connection, connections
from django.test import override_settings

from django_polls import checks
from django_polls.conf import declared_settings
from django_polls.methods.approval import Approval
from django_polls.policies import Policy
from tests import databases
from tests.factories import PollFactory

DOCS = Path(__file__).parent.parent / "docs" / "reference" / "checks.md"
LOCMEM = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
REDIS = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
APPROVAL = "django_polls.methods.approval.Approval"
SOURCES = "a list of sources such as \"'self'\" or 'https://example.org'"
NOT_A_CLASS = Approval()


class StrictPolicy(Policy):
    """A host's own policy."""


class SecondApproval(Approval):
    """A method that has forgotten to name itself."""


class Nameless(Approval):
    key = ""


def messages(*, deployed: bool = False, databases: Sequence[str] | None = None) -> list[CheckMessage]:
    """Return what the project's own checks say, and none of Django's."""
    own = [check for check in registry.get_checks(deployed) if check.__module__ == checks.__name__]
    return [message for check in own for message in check(app_configs=None, databases=databases)]


def said(*, deployed: bool = False, databases: Sequence[str] | None = None) -> list[tuple[str | None, str]]:
    return [(message.id, message.msg) for message in messages(deployed=deployed, databases=databases)]


@contextmanager
def database_options(**changes: object) -> Iterator[None]:
    """Give the connection other OPTIONS for a while, without connecting anew."""
    options = connection.settings_dict["OPTIONS"]
    connection.settings_dict["OPTIONS"] = {**options, **changes}
    yield
    connection.settings_dict["OPTIONS"] = options


def test_plain_host_has_nothing_said() -> None:
    assert messages() == []


def test_unknown_setting_is_named_with_the_one_that_was_meant() -> None:
    with override_settings(DJANGO_POLLS_TRUSTED_PROXY_CONT=1):
        found = messages()

    assert found == [
        ErrorMessage(
            "There is no setting DJANGO_POLLS_TRUSTED_PROXY_CONT.",
            hint="Did you mean DJANGO_POLLS_TRUSTED_PROXY_COUNT?",
            id="django_polls.E001",
        )
    ]


def test_unknown_setting_like_no_other_is_to_be_removed() -> None:
    with override_settings(DJANGO_POLLS_Q=1):
        found = messages()

    assert [(message.id, message.hint) for message in found] == [("django_polls.E001", "Remove it.")]


def test_every_setting_has_a_rule_that_its_default_keeps() -> None:
    defaults = {setting.name.removeprefix(checks.PREFIX).lower(): setting.default for setting in declared_settings()}

    assert list(checks.RULES) == list(defaults)
    assert [name for name, default in defaults.items() if not checks.RULES[name].accepts(default)] == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("POLICY", Policy, "a dotted path"),
        ("METHODS", APPROVAL, "a list of dotted paths"),
        ("METHODS", [], "a list of dotted paths"),
        ("METHODS", [Approval], "a list of dotted paths"),
        ("MAX_OPTIONS", 1, "a whole number from 2 on"),
        ("MAX_OPTIONS", True, "a whole number from 2 on"),
        ("MAX_OPTIONS", "100", "a whole number from 2 on"),
        ("TRUSTED_PROXY_COUNT", -1, "None, or a whole number from 0 on"),
        ("TRUSTED_PROXY_COUNT", "1", "None, or a whole number from 0 on"),
        ("ADDRESS_RETENTION_DAYS", 1.5, "a whole number from 0 on"),
        ("VOTER_COOKIE_NAME", "voter; path=/", "a name that a cookie may have"),
        ("VOTER_COOKIE_NAME", None, "a name that a cookie may have"),
        ("VOTER_COOKIE_SECURE", "no", "True or False"),
        ("THROTTLE_RATES", "120/min", "a dictionary"),
        ("THROTTLE_CACHE", None, "the name of a cache"),
        ("PAGE_SIZE", 0, "a whole number from 1 to 100"),
        ("PAGE_SIZE", 101, "a whole number from 1 to 100"),
        ("MAX_BODY_BYTES", 0, "a whole number from 1 on"),
        ("FRAME_ANCESTORS", "*", SOURCES),
        ("FRAME_ANCESTORS", None, SOURCES),
        ("FRAME_ANCESTORS", ["'none'"], SOURCES),
        ("FRAME_ANCESTORS", ["https://a.example; script-src *"], SOURCES),
        ("FRAME_ANCESTORS", ["https://a.example,b"], SOURCES),
        ("FRAME_ANCESTORS", ["https://a.example\n"], SOURCES),
        ("FRAME_ANCESTORS", [""], SOURCES),
        ("PREVIEW_FONT", None, "the path of a file"),
    ],
)
def test_setting_of_the_wrong_type_or_size_is_an_error(name: str, value: object, expected: str) -> None:
    with override_settings(**{f"DJANGO_POLLS_{name}": value}):
        found = said()

    assert found == [("django_polls.E002", f"DJANGO_POLLS_{name} is {value!r}, and must be {expected}.")]


@pytest.mark.parametrize("sources", [[], ("'self'",), ["https://*.a.example:8443", "https:", "*"]])
def test_sources_of_frames_are_accepted(sources: Sequence[str]) -> None:
    with override_settings(DJANGO_POLLS_FRAME_ANCESTORS=sources):
        assert messages() == []


def test_font_that_is_no_file_is_an_error(tmp_path: Path) -> None:
    with override_settings(DJANGO_POLLS_PREVIEW_FONT=tmp_path):
        wrong = said()
    with override_settings(DJANGO_POLLS_PREVIEW_FONT=Path(__file__)):
        right = said()

    assert wrong == [("django_polls.E010", f"DJANGO_POLLS_PREVIEW_FONT: there is no file '{tmp_path}'.")]
    assert right == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POLICY", "tests.test_checks.StrictPolicy"),
        ("METHODS", (APPROVAL,)),
        ("MAX_OPTIONS", 2),
        ("TRUSTED_PROXY_COUNT", 0),
        ("ADDRESS_RETENTION_DAYS", 0),
        ("VOTER_COOKIE_NAME", "__Host-voter"),
        ("VOTER_COOKIE_SECURE", True),
        ("THROTTLE_RATES", {"vote": "1/s", "create": None}),
        ("PAGE_SIZE", 100),
        ("MAX_BODY_BYTES", 1),
    ],
)
def test_setting_that_fits_is_left_alone(name: str, value: object) -> None:
    with override_settings(**{f"DJANGO_POLLS_{name}": value}):
        assert messages() == []


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("tests.nowhere.Policy", "cannot be imported: No module named 'tests.nowhere'"),
        ("tests.test_checks.Approval", "is not a subclass of django_polls.policies.Policy"),
        ("tests.test_checks.NOT_A_CLASS", "is not a subclass of django_polls.policies.Policy"),
    ],
)
def test_policy_that_is_none_is_an_error(path: str, fault: str) -> None:
    with override_settings(DJANGO_POLLS_POLICY=path):
        assert said() == [("django_polls.E003", f"DJANGO_POLLS_POLICY: '{path}' {fault}.")]


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("Approval", "cannot be imported: Approval doesn't look like a module path"),
        ("tests.test_checks.StrictPolicy", "is not a subclass of django_polls.methods.base.VotingMethod"),
        ("django_polls.methods.base.VotingMethod", "leaves methods of its base class open"),
        ("tests.test_checks.Nameless", "needs a key of 1 to 50 characters"),
    ],
)
def test_method_that_is_none_is_an_error(path: str, fault: str) -> None:
    with override_settings(DJANGO_POLLS_METHODS=[path, APPROVAL]):
        assert said() == [("django_polls.E004", f"DJANGO_POLLS_METHODS: '{path}' {fault}.")]


def test_methods_of_one_key_are_an_error() -> None:
    second = "tests.test_checks.SecondApproval"
    with override_settings(DJANGO_POLLS_METHODS=[APPROVAL, second]):
        assert said() == [
            ("django_polls.E005", f"DJANGO_POLLS_METHODS: '{APPROVAL}' and '{second}' have the same key, 'approval'.")
        ]


@pytest.mark.parametrize(
    ("rates", "text"),
    [
        ({"votes": "1/s"}, "there is no scope 'votes'."),
        ({"vote": "often"}, "'often' is no rate for 'vote'."),
        ({"vote": "0/min"}, "'0/min' is no rate for 'vote'."),
        ({"vote": "10/fortnight"}, "'10/fortnight' is no rate for 'vote'."),
        ({"create": 60}, "60 is no rate for 'create'."),
    ],
)
def test_rate_that_is_none_is_an_error(rates: dict[str, object], text: str) -> None:
    with override_settings(DJANGO_POLLS_THROTTLE_RATES=rates):
        assert said() == [("django_polls.E006", f"DJANGO_POLLS_THROTTLE_RATES: {text}")]


def test_cache_that_is_not_there_is_an_error() -> None:
    with override_settings(DJANGO_POLLS_THROTTLE_CACHE="redis"):
        without = said()
    with override_settings(DJANGO_POLLS_THROTTLE_CACHE="redis", CACHES={"default": LOCMEM, "redis": REDIS}):
        there = said()

    assert without == [("django_polls.E007", "DJANGO_POLLS_THROTTLE_CACHE: CACHES has no 'redis'.")]
    assert there == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https")),
        ("USE_X_FORWARDED_HOST", True),
        ("USE_X_FORWARDED_PORT", True),
    ],
)
def test_forwarding_without_a_number_of_proxies_is_a_warning(name: str, value: object) -> None:
    with override_settings(**{name: value}):
        undeclared = said()
    with override_settings(**{name: value}, DJANGO_POLLS_TRUSTED_PROXY_COUNT=1):
        declared = said()

    text = f"{name} says that a proxy stands before this site, and DJANGO_POLLS_TRUSTED_PROXY_COUNT is not set."
    assert (undeclared, declared) == ([("django_polls.W003", text)], [])


@pytest.mark.parametrize(
    "backend", ["locmem.LocMemCache", "dummy.DummyCache", "filebased.FileBasedCache", "db.DatabaseCache"]
)
def test_cache_that_cannot_count_is_a_warning_when_deployed(backend: str, tmp_path: Path) -> None:
    cache = {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": str(tmp_path)}
    with override_settings(CACHES={"default": cache}, DJANGO_POLLS_VOTER_COOKIE_SECURE=True):
        developing, deployed = said(), said(deployed=True)

    kind = backend.partition(".")[2]
    text = f"The cache 'default', in which requests are counted, is a {kind}: limits are not exact there."
    assert (developing, deployed) == ([], [("django_polls.W002", text)])


@pytest.mark.parametrize(
    "fitting",
    [
        {"CACHES": {"default": REDIS}},
        {"CACHES": {"default": LOCMEM, "redis": REDIS}, "DJANGO_POLLS_THROTTLE_CACHE": "redis"},
        {"DJANGO_POLLS_THROTTLE_RATES": {}},
    ],
)
def test_deployment_that_can_count_is_left_alone(fitting: dict[str, object]) -> None:
    with override_settings(**fitting, DJANGO_POLLS_VOTER_COOKIE_SECURE=True):
        assert said(deployed=True) == []


def test_deployment_without_its_cache_says_only_that() -> None:
    with override_settings(DJANGO_POLLS_THROTTLE_CACHE="gone", DJANGO_POLLS_VOTER_COOKIE_SECURE=True):
        assert [number for number, _text in said(deployed=True)] == ["django_polls.E007"]


def test_open_cookie_is_a_warning_when_deployed() -> None:
    with override_settings(CACHES={"default": REDIS}):
        developing, deployed = messages(), messages(deployed=True)

    assert developing == []
    assert deployed == [
        WarningMessage(
            "The cookie that makes a guest the same voter is also sent over plain HTTP.",
            hint="Set DJANGO_POLLS_VOTER_COOKIE_SECURE = True.",
            id="django_polls.W004",
        )
    ]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="this test needs SQLite")
@pytest.mark.parametrize(
    ("mode", "warned"), [(None, True), ("DEFERRED", True), ("immediate", False), ("EXCLUSIVE", False)]
)
def test_sqlite_that_begins_late_is_a_warning(mode: str | None, warned: bool) -> None:
    with database_options(transaction_mode=mode):
        found = said()

    text = "The SQLite database 'default' begins transactions that fail where two people vote at once."
    assert found == ([("django_polls.W001", text)] if warned else [])


@pytest.mark.postgres
def test_postgresql_at_another_level_is_an_error() -> None:
    from django.db.backends.postgresql.psycopg_any import IsolationLevel  # noqa: PLC0415  the driver may not be there

    with database_options(isolation_level=IsolationLevel.SERIALIZABLE):
        serializable = [number for number, _text in said()]
    with database_options(isolation_level=IsolationLevel.READ_COMMITTED):
        read_committed = said()

    assert (serializable, read_committed) == (["django_polls.E008"], [])


@pytest.mark.skipif(connection.vendor != "mysql", reason="this test needs MariaDB")
def test_mariadb_at_another_level_is_an_error() -> None:
    with database_options(isolation_level="REPEATABLE READ"):
        repeatable = said()
    with database_options(isolation_level=None):
        of_the_server = [number for number, _text in said()]
    with database_options(isolation_level="Read Committed"):
        read_committed = said()

    text = "The database 'default' works at repeatable read: votes are exact at READ COMMITTED alone."
    assert (repeatable, of_the_server, read_committed) == ([("django_polls.E008", text)], ["django_polls.E008"], [])


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_that_loses_or_waits_is_named_where_the_command_asks_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute("SET LOCAL default_transaction_isolation = 'serializable'")
        wrong = [number for number, _text in said(databases=["default"])]
        unasked = [said(), said(databases=[])]
        cursor.execute("SET LOCAL synchronous_commit = on")
        cursor.execute("SET LOCAL lock_timeout = '3s'")
        cursor.execute("SET LOCAL default_transaction_isolation = 'read committed'")
        right = said(databases=["default"])

    assert wrong == ["django_polls.W005", "django_polls.W006", "django_polls.E008"]
    assert (unasked, right) == ([[], []], [])


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_without_the_function_that_casts_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '3s'")
    with databases.without_cast_function():
        found = said(databases=["default"])
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE django_polls_poll RENAME TO renamed")
            before_the_migration = said(databases=["default"])
            cursor.execute("ALTER TABLE renamed RENAME TO django_polls_poll")

    text = "The database 'default' lacks django_polls_cast_vote(): a vote takes several statements."
    assert found == [("django_polls.W008", text)]
    assert before_the_migration == []


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL has a test of its own")
@pytest.mark.django_db
def test_database_that_is_new_enough_is_left_alone() -> None:
    assert said(databases=["default"]) == []


@pytest.mark.django_db
def test_polls_of_a_method_that_is_gone_are_named() -> None:
    PollFactory()
    PollFactory(method="dice")
    PollFactory(method="dice")

    found = [message for message in said(databases=["default"]) if message[0] == "django_polls.W009"]

    text = "Polls use the voting method 'dice', which this site has not: nobody can vote in them or count them."
    assert found == [("django_polls.W009", text)]


@pytest.mark.parametrize(
    ("version", "is_mariadb", "found"),
    [
        ((10, 5, 22), True, [("django_polls.E009", "MariaDB 10.5.22 is too old: django_polls needs 10.6 or later.")]),
        ((10, 6, 1), True, []),
        ((11, 4, 2), True, []),
        ((8, 4, 0), False, [("django_polls.W007", "MySQL is not tested with django_polls.")]),
    ],
)
def test_server_is_judged_by_its_version(
    version: tuple[int, ...], is_mariadb: bool, found: list[tuple[str, str]]
) -> None:
    faults = checks.server_faults(version, is_mariadb=is_mariadb)

    assert [(message.id, message.msg) for message in faults] == found


def test_every_check_is_documented_once() -> None:
    numbers = re.findall(r"_(error|warning)\(\s*(\d+),", getsource(checks))
    in_code = {f"django_polls.{kind[0].upper()}{int(number):03}" for kind, number in numbers}

    documented = re.findall(r"^\| `(django_polls\.[EW]\d{3})`", DOCS.read_text("utf-8"), re.MULTILINE)

    assert documented == sorted(in_code)


@pytest.mark.django_db
def test_connection_of_no_known_vendor_is_left_alone() -> None:
    connections["default"].vendor = "oracle"
    try:
        found = messages(databases=["default"])
    finally:
        del connections["default"].vendor

    assert found == []
