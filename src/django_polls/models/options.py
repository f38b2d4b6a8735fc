"""What can be voted for."""

from collections.abc import Collection, Iterable
from typing import Unpack

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from django_polls.models.counting import LARGE
from django_polls.models.polls import Poll, SaveOptions, bump_revision
from django_polls.models.text import comparison_key, normalized, validate_plain_line

OPTION_LENGTH = 500


class PollOption(models.Model):
    """Something that can be voted for. Options are shown by position, and by id where positions are the same."""

    poll = models.ForeignKey(
        Poll, verbose_name=_("poll"), on_delete=models.CASCADE, related_name="options", db_index=False
    )
    text = models.CharField(_("text"), max_length=OPTION_LENGTH, validators=[validate_plain_line])
    text_key = models.CharField(max_length=64, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, help_text=_("How many votes it takes; empty for all.")
    )

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("poll", "text_key"),
                name="django_polls_option_text",
                violation_error_message=_("This option is there already."),
            ),
            models.UniqueConstraint(fields=("poll", "id"), name="django_polls_option_of_poll"),
            models.CheckConstraint(
                condition=Q(~Q(text=""), LessThanOrEqual(Length("text"), OPTION_LENGTH)),
                name="django_polls_option_words",
            ),
            models.CheckConstraint(condition=~Q(text_key=""), name="django_polls_option_key"),
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(capacity__gte=1), name="django_polls_option_capacity"
            ),
        )

    def __str__(self) -> str:
        return self.text

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Bring the text into NFC, then check each field."""
        self.prepare()
        super().clean_fields(exclude)

    def clean(self) -> None:
        """Check the rules that the type of a field cannot tell. Raise ValidationError with the fields at fault."""
        if self.capacity == 0:
            raise ValidationError({"capacity": _("This must be at least 1.")})
        if self.capacity is not None and self.capacity > LARGE:
            raise ValidationError({"capacity": _("This is out of range.")})

    def prepare(self) -> None:
        """Derive what is stored beside the text; `save` does it too, `bulk_create` does not."""
        self.text = normalized(self.text)
        self.text_key = comparison_key(self.text)

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Unpack[SaveOptions]) -> None:
        """Save the option, and raise the revision of its poll."""
        self.prepare()
        if update_fields is not None:
            update_fields = {*update_fields, "text", "text_key"}
        super().save(update_fields=update_fields, **options)
        bump_revision(self.poll_id, self._state.db)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:  # noqa: FBT001, FBT002  as Django has it
        """Delete the option, and raise the revision of its poll."""
        deleted = super().delete(using=using, keep_parents=keep_parents)
        bump_revision(self.poll_id, self._state.db)
        return deleted

    @property
    def vote_count(self) -> int:
        """The votes that mark this option, exact now. It asks nobody whether they may see it: the host must."""
        return self.marks.vote_total()
