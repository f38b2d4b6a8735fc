"""How a poll is shown: in which order, with whose names, in which time zone, and on what of the host's."""

from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, router
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_polls.models.constraints import PartialIndex

ZONE_LENGTH = 64
KEY_LENGTH = 255


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless this names a zone of the IANA's database, such as `Europe/Berlin`."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        # A name with a NUL or `..` is refused by the first, a folder by the second, an unknown one by the third.
        raise ValidationError(_("There is no such time zone: name one as Europe/Berlin.")) from None


class DisplayedPoll(models.Model):
    """What of a poll says how it is shown.

    The database's own defaults are for rows that a process of an earlier version inserts while a site is upgraded.
    """

    shuffles_options = models.BooleanField(
        _("options in another order for each voter"),
        default=False,
        db_default=False,
        help_text=_("So that no option gains by being the first one. Each voter keeps their order."),
    )
    shows_voters = models.BooleanField(
        _("names of voters are shown"),
        default=False,
        db_default=False,
        help_text=_("Once the poll is closed: who has voted, and never for what, to whoever may see the results."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=ZONE_LENGTH,
        blank=True,
        default="",
        db_default="",
        validators=[validate_time_zone],
        help_text=_("In which the times of the poll are shown, such as Europe/Berlin; empty for the site's."),
    )
    attached_type = models.ForeignKey(
        ContentType,
        verbose_name=_("kind of what it is attached to"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    # As text, since a host's objects may have keys of any kind.
    attached_id = models.CharField(
        _("key of what it is attached to"),
        max_length=KEY_LENGTH,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    attached_to = GenericForeignKey("attached_type", "attached_id", for_concrete_model=False)

    class Meta:
        abstract = True

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the poll's times are shown: its own, else the site's.

        The site's too where the machine has the poll's no longer: systems drop old names, as `US/Eastern`.
        """
        if self.time_zone:
            with suppress(ValidationError):
                validate_time_zone(self.time_zone)
                return ZoneInfo(self.time_zone)
        return ZoneInfo(timezone.get_default_timezone_name())


class AttachedPolls(GenericRelation):
    """The polls of an object of the host's, as a field of its model: `polls = AttachedPolls()`.

    Other than Django's own relation it never deletes polls together with the object: their votes would go unasked. They
    are then attached to nothing, so that a later object under the same key does not find them.
    """

    def __init__(self) -> None:
        super().__init__(
            "django_polls.Poll",
            object_id_field="attached_id",
            content_type_field="attached_type",
            for_concrete_model=False,
        )

    def contribute_to_class(self, cls: type[models.Model], name: str, **kwargs: Any) -> None:  # type: ignore[override]  # as the relation has it
        """Add the field to its model, and let go of the polls of what is deleted."""
        super().contribute_to_class(cls, name, **kwargs)
        models.signals.post_delete.connect(_let_go, sender=cls, dispatch_uid="django_polls.attached")

    def bulk_related_objects(self, objs: list[models.Model], using: str = "default") -> models.QuerySet[models.Model]:
        """Return nothing of what Django would delete with these objects."""
        return super().bulk_related_objects(objs, using).none()


def _let_go(instance: models.Model, **_arguments: object) -> None:
    poll = apps.get_model("django_polls", "Poll")
    polls = poll._base_manager.using(router.db_for_write(poll))  # noqa: SLF001  documented
    kind = ContentType.objects.db_manager(polls.db).get_for_model(instance, for_concrete_model=False)
    polls.filter(attached_type=kind, attached_id=str(instance.pk)).update(attached_type=None, attached_id="")


# What of it is part of a poll's definition.
SHOWING_FIELDS = ("shuffles_options", "shows_voters", "time_zone")

# What says to which object it is attached.
ATTACHMENT_FIELDS = ("attached_type_id", "attached_id")

# By which the polls of an object are found.
ATTACHED_INDEX = PartialIndex(
    fields=("attached_type", "attached_id"), name="django_polls_poll_attached", only=Q(attached_type__isnull=False)
)
