"""The zones of this host differ in truth."""

import pytest
from django.db import connection
from django.utils import timezone


@pytest.mark.django_db
def test_session_begins_in_a_zone_of_its_own() -> None:
    asked = {"mysql": "SELECT @@session.time_zone", "postgresql": "SHOW timezone"}.get(connection.vendor)
    if asked is None:
        pytest.skip("SQLite has no sessions")
    # Django moves a session on PostgreSQL into the zone of the stored times, and leaves one on MariaDB where it is.
    expected = {"mysql": "+05:30", "postgresql": connection.timezone_name}[connection.vendor]

    with connection.cursor() as cursor:
        cursor.execute(asked)
        zone = cursor.fetchone()[0]

    assert (zone, connection.timezone_name, timezone.get_default_timezone_name()) == (
        expected,
        "Pacific/Auckland",
        "Asia/Tehran",
    )
