"""The database's clock, right in every time zone: the only clock that decides whether a poll is open."""

from datetime import UTC, datetime, timedelta

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, DateTimeField, Func
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

AsSQL = tuple[str, tuple[str | int, ...]]


class DatabaseNow(Func):
    """The time at the start of the statement, in the form in which the database stores times.

    That form is UTC, or local time under `USE_TZ=False`. Django's own `Now` is the server's local time on MariaDB,
    and UTC on SQLite even where local times are stored.
    """

    template = "STATEMENT_TIMESTAMP()"
    output_field = DateTimeField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: str) -> AsSQL:
        """Return the clock with six digits, as Django writes them, so that texts compare as times do."""
        form, offset = "%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f", f"{_offset(connection):+d} seconds"
        return self._as_sql(compiler, connection, f"STRFTIME('{form}', 'now', '{offset}') || '000'")

    def as_mysql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: str) -> AsSQL:
        """Return the clock in UTC, moved to where the stored times are."""
        return self._as_sql(compiler, connection, f"(UTC_TIMESTAMP(6) + INTERVAL {_offset(connection)} SECOND)")

    def _as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, template: str) -> AsSQL:
        sql, _parameters = self.as_sql(compiler, connection, template=template)
        return sql, ()


def _offset(connection: BaseDatabaseWrapper) -> int:
    """Return how many seconds the stored times are ahead of UTC."""
    zone = connection.timezone or timezone.get_default_timezone()
    offset = datetime.now(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def database_now(using: str | None = None) -> datetime:
    """Return the database's time now, aware or naive as `USE_TZ` has it."""
    query = Query(None)
    query.add_annotation(DatabaseNow(), "now")
    now: datetime = next(iter(query.get_compiler(using or DEFAULT_DB_ALIAS).results_iter()))[0]
    return now


QUARTER_SECONDS = 900


class QuarterHour(Func):
    """The number of quarter hours from 1970 to a stored time: in every time zone hours and days begin with one."""

    arity = 1
    template = f"FLOOR(DATE_PART('epoch', %(expressions)s) / {QUARTER_SECONDS})::bigint"
    output_field = BigIntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: str) -> AsSQL:
        """Return the number as SQLite counts it."""
        template = f"(CAST(STRFTIME('%%%%s', %(expressions)s) AS INTEGER) / {QUARTER_SECONDS})"
        return self.as_sql(compiler, connection, template=template)

    def as_mysql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: str) -> AsSQL:
        """Return the number without `UNIX_TIMESTAMP`, which reads a time in the session's zone."""
        template = f"(TIMESTAMPDIFF(SECOND, '1970-01-01', %(expressions)s) DIV {QUARTER_SECONDS})"
        return self.as_sql(compiler, connection, template=template)


def quarter_start(quarter: int, using: str) -> datetime:
    """Return when a quarter hour began that this database has counted, as an aware time."""
    begun = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=quarter * QUARTER_SECONDS)
    connection = connections[using]
    if connection.vendor == "postgresql":
        return begun
    return begun.replace(tzinfo=connection.timezone or timezone.get_default_timezone())
