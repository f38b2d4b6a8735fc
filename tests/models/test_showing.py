"""What says how a poll is shown."""

import pytest
from django.core.exceptions import ValidationError

from django_polls.models.showing import validate_time_zone

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    "name", ["", "Nowhere", "Europe", "Europe/Berlin ", "../etc/passwd", "/etc/passwd", "a\0b", "\ud800"]
)
def test_time_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="no such time zone"):
        validate_time_zone(name)


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin"])
def test_time_zone_is_known_by_its_name(name: str) -> None:
    validate_time_zone(name)
