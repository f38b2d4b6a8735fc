"""What is voted on: the poll with its rules and its schedule."""

import re
import secrets
import uuid
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Self, TypedDict, Unpack

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, router, transaction
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_polls.conf import voting_methods
from django_polls.methods.rules import FinalTies, Rules, Ties
from django_polls.models.clock import DatabaseNow, database_now
from django_polls.models.constraints import PartialIndex
from django_polls.models.counting import COUNTING_CONSTRAINTS, CountedPoll
from django_polls.models.showing import ATTACHED_INDEX, DisplayedPoll
from django_polls.models.text import normalized, validate_plain_line, validate_plain_text

PERMISSION = re.compile(r"\w+\.\w+")
TITLE_LENGTH = 200
TEXT_LENGTH = 5_000
# Of the times that people set: beyond these an offset may lead out of what Python and the databases can tell.
FIRST_YEAR, LAST_YEAR = 1900, 9998


# What is looked for at once: every word more is one more scan of the texts.
SEARCH_LENGTH = 200
SEARCH_TERMS = 8


class Status(models.TextChoices):
    """Where a poll stands, by its stored times and the database's clock."""

    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class Visibility(models.TextChoices):
    """Who may see the results, and when; from the most open to the strictest."""

    ALWAYS = "always", _("Everyone, at any time")
    AFTER_VOTE = "after_vote", _("Voters after their vote, everyone after the close")
    AFTER_CLOSE = "after_close", _("Everyone, after the close")
    MANAGERS = "managers", _("Managers only")
    NEVER = "never", _("Nobody")


class Electorate(models.TextChoices):
    """Who may vote."""

    ANYONE = "anyone", _("Anyone, guests included")
    USERS = "users", _("Logged-in users")
    GROUPS = "groups", _("Members of the poll's groups")
    PERMISSION = "permission", _("Holders of the poll's permission")
    POLICY = "policy", _("Whoever the site's policy says")


class GuestIdentity(models.TextChoices):
    """What makes two guests the same voter."""

    ADDRESS = "address", _("One vote per network address")
    COOKIE = "cookie", _("One vote per browser")


class Until(models.TextChoices):
    """How long a voter may do something to a vote already cast."""

    NEVER = "never", _("Never")
    CLOSE = "until_close", _("Until the poll closes")


class SaveOptions(TypedDict, total=False):
    """What else `Model.save` takes."""

    force_insert: bool | tuple[models.base.ModelBase, ...]
    force_update: bool
    using: str | None


class PollQuerySet(models.QuerySet["Poll"]):
    """Polls by where they stand now, by the database's clock."""

    def with_clock(self) -> Self:
        """Add `read_at`, the time of the read, by which `status` is then told without a query of its own."""
        return self.annotate(read_at=DatabaseNow())

    def drafts(self) -> Self:
        """Polls that are being prepared."""
        return self.filter(is_draft=True, closed_at=None)

    def scheduled(self) -> Self:
        """Polls that will open by themselves."""
        return self.filter(is_draft=False, closed_at=None, opens_at__gt=DatabaseNow()).exclude(
            expires_at__lte=DatabaseNow()
        )

    def open(self) -> Self:
        """Polls that take votes."""
        begun = Q(opens_at=None) | Q(opens_at__lte=DatabaseNow())
        ended = Q(expires_at__lte=DatabaseNow())
        return self.filter(begun, is_draft=False, closed_at=None).exclude(ended)

    def closed(self) -> Self:
        """Polls that take votes no longer."""
        return self.filter(Q(closed_at__isnull=False) | Q(is_draft=False, expires_at__lte=DatabaseNow()))

    def attached_to(self, thing: models.Model) -> Self:
        """Polls that this object of the host's carries."""
        attached = ContentType.objects.db_manager(self.db).get_for_model(thing, for_concrete_model=False)
        return self.filter(attached_type=attached, attached_id=str(thing.pk))

    def matching(self, words: Iterable[str]) -> Self:
        """Polls that have each of these words in their title or their description."""
        found = (Q(title__icontains=word) | Q(description__icontains=word) for word in words)
        return self.filter(*found)

    def having_status(self, status: str) -> Self:
        """Polls of this status."""
        by_status = {
            Status.DRAFT: self.drafts,
            Status.SCHEDULED: self.scheduled,
            Status.OPEN: self.open,
            Status.CLOSED: self.closed,
        }
        return by_status[Status(status)]()


# Where a poll keeps what it held when it was read or saved.
STORED = "_stored"


def note_stored(poll: "Poll", names: Collection[str] | None = None) -> None:
    """Note what the poll holds, in these of its fields or in all, as what is stored."""
    fields = [field for field in poll._meta.concrete_fields if names is None or field.name in names]
    stored = {field.attname: vars(poll).get(field.attname, models.DEFERRED) for field in fields}
    vars(poll)[STORED] = vars(poll).get(STORED, {}) | stored


def new_address_key() -> bytes:
    """Return a random key, under which a poll knows its guests' addresses."""
    return secrets.token_bytes(32)


class Poll(CountedPoll, DisplayedPoll):
    """A question with its rules and its schedule: open for votes in `[opens_at, expires_at)` unless closed before.

    The defaults make an open single-choice poll in which anyone may vote once and everyone sees the results.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, validators=[validate_plain_line])
    description = models.TextField(
        _("description"), blank=True, default="", validators=[MaxLengthValidator(TEXT_LENGTH), validate_plain_text]
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    is_draft = models.BooleanField(_("draft"), default=False)
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    opened_at = models.DateTimeField(
        _("opened at"), null=True, editable=False, help_text=_("When the opening was recorded and announced.")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("closed by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    close_reason = models.CharField(
        _("reason for the close"), max_length=TITLE_LENGTH, blank=True, default="", validators=[validate_plain_line]
    )

    visibility = models.CharField(
        _("visibility of results"), max_length=20, choices=Visibility, default=Visibility.ALWAYS
    )
    electorate = models.CharField(_("who may vote"), max_length=20, choices=Electorate, default=Electorate.ANYONE)
    groups = models.ManyToManyField(Group, verbose_name=_("groups"), blank=True, related_name="+")
    permission = models.CharField(
        _("permission"), max_length=200, blank=True, default="", help_text=_("As app_label.codename.")
    )
    guest_identity = models.CharField(
        _("guests are told apart by"), max_length=20, choices=GuestIdentity, default=GuestIdentity.ADDRESS
    )
    vote_change = models.CharField(_("votes may be changed"), max_length=20, choices=Until, default=Until.NEVER)
    vote_withdrawal = models.CharField(_("votes may be withdrawn"), max_length=20, choices=Until, default=Until.NEVER)
    accepts_new_options = models.BooleanField(_("options may be added after the first vote"), default=False)

    correction = models.TextField(
        _("correction"),
        blank=True,
        default="",
        validators=[MaxLengthValidator(TEXT_LENGTH), validate_plain_text],
        help_text=_("A public note beside the poll, for what can no longer be edited."),
    )
    metadata = models.JSONField(_("metadata"), blank=True, default=dict)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    # Guests' addresses are known only as HMACs under this key, which `polls_finalise` drops some days after the close.
    address_key = models.BinaryField(null=True, default=new_address_key, editable=False)

    objects = PollQuerySet.as_manager()

    # Only where `with_clock` adds it: the time of the read.
    read_at: datetime

    class Meta:
        verbose_name = _("poll")
        verbose_name_plural = _("polls")
        ordering = ("-created_at", "id")
        indexes = (
            models.Index(fields=("-created_at", "id"), name="django_polls_poll_newest"),
            PartialIndex(fields=("expires_at",), name="django_polls_poll_expiry", only=Q(closed_at=None)),
            ATTACHED_INDEX,
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(~Q(title=""), LessThanOrEqual(Length("title"), TITLE_LENGTH)),
                name="django_polls_poll_title",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("description"), TEXT_LENGTH), name="django_polls_poll_description"
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("correction"), TEXT_LENGTH), name="django_polls_poll_correction"
            ),
            *COUNTING_CONSTRAINTS,
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(expires_at=None) | Q(opens_at__lt=F("expires_at")),
                name="django_polls_poll_schedule",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False) | Q(closed_by=None, close_reason=""),
                name="django_polls_poll_close",
            ),
            models.CheckConstraint(
                condition=~Q(electorate=Electorate.PERMISSION) | ~Q(permission=""),
                name="django_polls_poll_permission",
            ),
            models.CheckConstraint(condition=Q(revision__gte=1), name="django_polls_poll_revision"),
            models.CheckConstraint(
                condition=Q(
                    visibility__in=Visibility.values,
                    electorate__in=Electorate.values,
                    guest_identity__in=GuestIdentity.values,
                    vote_change__in=Until.values,
                    vote_withdrawal__in=Until.values,
                ),
                name="django_polls_poll_choices",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Bring the texts into NFC, then check each field."""
        self._normalize()
        super().clean_fields(exclude)

    def clean(self) -> None:
        """Check the rules that one field cannot tell. Raise ValidationError with the fields at fault."""
        if self.method not in voting_methods():
            raise ValidationError({"method": _("There is no such voting method.")})
        if faults := self.counting_faults():
            raise ValidationError(dict(faults))
        if self.opens_at and self.expires_at and self.opens_at >= self.expires_at:
            raise ValidationError({"expires_at": _("The poll must expire after it opens.")})
        if self.electorate == Electorate.PERMISSION and not PERMISSION.fullmatch(self.permission):
            raise ValidationError({"permission": _("Name the permission that voters hold, as app_label.codename.")})

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        """Return the poll of a row, with what it held noted, so that `save` knows what has changed."""
        poll = super().from_db(*args, **kwargs)
        note_stored(poll)
        return poll

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Self] | None = None,
    ) -> None:
        """Read the poll or some of its fields again, and note what they hold."""
        names = None if fields is None else list(fields)
        super().refresh_from_db(using, names, from_queryset)
        note_stored(self, names)

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Unpack[SaveOptions]) -> None:
        """Save what has changed under the next revision, so that a form or a client with the former one is told.

        Nothing else is written: an object that was read before a close never reopens the poll, nor does one read before
        its results were hidden show them again.
        """
        self._normalize()
        if self._state.adding:
            super().save(update_fields=update_fields, **options)
            note_stored(self)
            return
        names = self._changed() if update_fields is None else update_fields
        using = options.get("using") or router.db_for_write(Poll, instance=self)
        with transaction.atomic(using=using):
            # Counted by the database: two objects read before either was saved must not make one revision.
            self.revision = F("revision") + 1
            super().save(update_fields={*names, "revision"}, **options)
            self.refresh_from_db(using=using, fields=["revision"])

    def _changed(self) -> set[str]:
        """Return the names of the fields whose values are not those last stored, as far as this object knows."""
        stored, current = vars(self).get(STORED, {}), vars(self)
        changed = {
            field.name
            for field in self._meta.concrete_fields
            if current.get(field.attname, models.DEFERRED) != stored.get(field.attname, models.DEFERRED)
            and not field.primary_key
        }
        # It may have been changed in place.
        return changed | ({"metadata"} & current.keys())

    def _normalize(self) -> None:
        self.title = normalized(self.title)
        self.description = normalized(self.description)
        self.correction = normalized(self.correction)
        self.close_reason = normalized(self.close_reason)
        self.grades = normalized(self.grades)

    @property
    def status(self) -> Status:
        """Where the poll stands, by the time of the read (`with_clock`) or else by the database's clock now."""
        return self.status_at(getattr(self, "read_at", None) or database_now(self._state.db))

    @property
    def is_active(self) -> bool:
        """Whether the poll takes votes now."""
        return self.status == Status.OPEN

    def status_at(self, now: datetime) -> Status:
        """Return where the poll stands at this time: open in `[opens_at, expires_at)` unless closed by hand."""
        if self.closed_at is not None:
            return Status.CLOSED
        if self.is_draft:
            return Status.DRAFT
        if self.expires_at is not None and now >= self.expires_at:
            return Status.CLOSED
        if self.opens_at is not None and now < self.opens_at:
            return Status.SCHEDULED
        return Status.OPEN

    @property
    def rules(self) -> Rules:
        """What the method knows of this poll while it is open."""
        return self.rules_for(tuple(option.pk for option in self.options.all()))

    @property
    def final_rules(self) -> Rules:
        """What the method knows of this poll once it is closed: the secret seed of its ties too."""
        return replace(self.rules, ties=Ties(bytes(self.tie_seed or b""), FinalTies(self.final_ties)))

    @property
    def is_countable(self) -> bool:
        """Whether the method can count the poll: `lifecycle` makes no other, and a host's own code may.

        Raises MethodUnavailable where the site has it no longer.
        """
        try:
            return not self.voting_method.faults(self.rules)
        except ValueError:
            return False

    @property
    def is_limited(self) -> bool:
        """Whether a vote may find the poll or an option full."""
        return self.max_votes is not None or any(option.capacity is not None for option in self.options.all())

    @property
    def takes_guests(self) -> bool:
        """Whether somebody who is not logged in may belong to the electorate."""
        return self.electorate in {Electorate.ANYONE, Electorate.POLICY}


def bump_revision(poll_id: uuid.UUID, using: str | None) -> None:
    """Raise the revision of a poll whose options or groups changed."""
    Poll.objects.using(using).filter(pk=poll_id).update(revision=F("revision") + 1)


@receiver(models.signals.m2m_changed, sender=Poll.groups.through)
def _groups_changed(instance: Poll, action: str, using: str, **_arguments: object) -> None:
    if action in {"post_add", "post_remove", "post_clear"}:
        bump_revision(instance.pk, using)
