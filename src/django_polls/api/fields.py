"""The types of values in requests: exact, without guessing. A form has only texts: there an integer is its digits."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_polls.api.parsers import MAX_DIGITS
from django_polls.methods.outcomes import Exact
from django_polls.models.polls import FIRST_YEAR, LAST_YEAR

NOT_EXPECTED = _("This is not expected here.")
REQUIRED = _("This is required.")
ONE_VALUE = _("Give one value.")
NOT_A_NUMBER = _("Give a positive number.")
NOT_A_FLAG = _("Give true or false.")
NOT_A_TEXT = _("A character of this cannot be stored.")
NOT_A_TEXT_VALUE = _("Give a text.")
NOT_A_MOMENT = _("Give a time as ISO 8601 has it, such as 2030-01-31T12:00:00Z.")
NO_SUCH_METHOD = _("There is no such voting method.")
NO_SUCH_USER = _("There is no such user.")
TOO_MANY_TERMS = _("Search for at most 8 words of together at most 200 characters.")

MOMENT_LENGTH = 40


def integer_in(value: object, *, is_form: bool) -> int | None:
    """Return the integer that a value of a body is, None where it is none: `1.0`, `true` and `"1 "` are not 1."""
    if is_form:
        is_digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS
        return int(str(value)) if is_digits else None
    return value if type(value) is int else None


def moment_in(text: str) -> datetime:
    """Return the moment that an ISO 8601 text names, in the form the site stores; without an offset, the site's time.

    Raises ValueError.
    """
    moment = parse_datetime(text) if text.isascii() and len(text) <= MOMENT_LENGTH else None
    if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(text)
    site = timezone.get_default_timezone()
    aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment, site)
    if timezone.is_aware(timezone.now()):
        return aware.astimezone(UTC)
    return timezone.make_naive(aware, site)


def moment_text(moment: datetime) -> str:
    """Return a moment in UTC as ISO 8601 has it, whatever time zone the site or the reader lives in."""
    aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment, timezone.get_default_timezone())
    return f"{aware.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


class FormAware(serializers.Field[Any, Any, Any, Any]):
    """A field that knows whether its value stood in a form, where the empty text is the only way to say null."""

    @property
    def is_form(self) -> bool:
        """Whether the value stood in a form."""
        return bool(self.context.get("is_form"))

    def run_validation(self, data: object = serializers.empty) -> object:
        return super().run_validation(None if data == "" and self.is_form and self.allow_null else data)


class TextField(serializers.CharField):
    """A text, as it was sent: its limits and its characters are the model's to judge."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, **kwargs})

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class ChoiceField(TextField):
    """One of the codes of `choices`; which of them is allowed is the model's to judge."""

    def __init__(self, *, choices: type[TextChoices], **kwargs: Any) -> None:
        self.choices = choices
        super().__init__(**kwargs)


class IntegerField(FormAware, serializers.IntegerField):
    def to_internal_value(self, data: object) -> int:
        value = integer_in(data, is_form=self.is_form)
        if value is None:
            self.fail("invalid")
        return value


class BooleanField(FormAware, serializers.BooleanField):
    def to_internal_value(self, data: object) -> bool:
        value = {"true": True, "false": False}.get(data) if self.is_form and isinstance(data, str) else data
        if not isinstance(value, bool):
            self.fail("invalid", input=data)
        return value


class MomentField(FormAware, serializers.DateTimeField):
    default_error_messages = {"invalid": NOT_A_MOMENT}

    def to_internal_value(self, value: object) -> datetime:
        try:
            return moment_in(value) if isinstance(value, str) else self.fail("invalid")
        except ValueError:
            self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        return moment_text(value)


class ExactField(serializers.Field[Any, Any, Any, Any]):
    """An exact figure, as outcomes have it: a whole number, else a text that is a decimal number or a fraction."""

    def to_representation(self, value: Exact) -> Exact:
        return value


class ExactMethodField(serializers.SerializerMethodField):
    """What a method of the serializer returns: an exact figure or null."""


class GradesField(serializers.ListField):
    """The words for scores, the worst first; stored as lines."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("A word for each score, the worst first; none for numbers alone."))
        super().__init__(child=TextField(), **kwargs)

    def to_internal_value(self, data: Any) -> str:  # type: ignore[override]  # noqa: ANN401
        return "\n".join(super().to_internal_value(data))

    def to_representation(self, value: str) -> list[str]:  # type: ignore[override]
        return value.splitlines()


class MetadataField(serializers.DictField):
    """A JSON object of the host's."""

    def to_internal_value(self, data: object) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_a_dict", input_type=type(data).__name__)
        return data
