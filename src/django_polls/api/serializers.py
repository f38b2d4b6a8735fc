"""Polls and results as JSON. Reading and writing are apart, every field is named, and no other is taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_polls.api.errors import flat
from django_polls.api.fields import (
    NOT_EXPECTED,
    ONE_VALUE,
    BooleanField,
    ChoiceField,
    ExactMethodField,
    GradesField,
    IntegerField,
    MetadataField,
    MomentField,
    TextField,
)
from django_polls.api.parsers import Body
from django_polls.exceptions import InvalidPoll
from django_polls.lifecycle import Keep, OptionDraft, PollDraft
from django_polls.methods.outcomes import Exact, Outcome
from django_polls.models import Poll, PollOption
from django_polls.models.counting import COUNTING_FIELDS, LastTies, Quotas, Reasons
from django_polls.models.polls import Electorate, GuestIdentity, Status, Until, Visibility
from django_polls.models.showing import SHOWING_FIELDS
from django_polls.policies import current_policy

REVISION_HELP = _("The poll's revision as you saw it; another one is refused with `poll_changed`.")

# What is written of a poll, besides its lists.
DEFINITION = (
    "title",
    "description",
    *COUNTING_FIELDS,
    "is_draft",
    "opens_at",
    "expires_at",
    "visibility",
    "electorate",
    "permission",
    "guest_identity",
    "vote_change",
    "vote_withdrawal",
    "accepts_new_options",
    *SHOWING_FIELDS,
    "correction",
    "metadata",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a viewer may know of some polls besides their definition: outcomes by poll id, and which they manage."""

    outcomes: Mapping[UUID, Outcome] = field(default_factory=dict)
    managed: frozenset[UUID] = frozenset()


class PollOptionSerializer(serializers.Serializer[PollOption]):
    """An option of a poll, with its votes where you may see them."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    position = serializers.IntegerField()
    capacity = serializers.IntegerField(allow_null=True, help_text=_("How many votes it takes; null for all."))
    vote_count = ExactMethodField(
        help_text=_(
            "The votes that mark this option, first preferences where it is ranked; null where it is scored, or where "
            "the results are hidden from you."
        )
    )

    def get_vote_count(self, option: PollOption) -> Exact | None:
        # Never the model's own count, which asks nobody.
        outcome = facts_of(self).outcomes.get(option.poll_id)
        return outcome.option_votes.get(option.pk, 0) if outcome else None


class PollSerializer(serializers.Serializer[Poll]):
    """A poll as you may see it."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    description = serializers.CharField()
    created_by = serializers.SerializerMethodField(help_text=_("The key of the user who created the poll, as text."))
    created_by_name = serializers.SerializerMethodField(help_text=_("The name the site shows for that user, if any."))
    created_at = MomentField()
    method = serializers.CharField()
    min_options = serializers.IntegerField()
    max_options = serializers.IntegerField(allow_null=True)
    count = serializers.CharField(help_text=_("The way of counting; empty for the method's first."))
    seats = serializers.IntegerField()
    quota = ChoiceField(choices=Quotas)
    max_ranks = serializers.IntegerField(allow_null=True)
    equal_ranks = serializers.BooleanField()
    min_score = serializers.IntegerField()
    max_score = serializers.IntegerField()
    unscored_is_zero = serializers.BooleanField()
    grades = GradesField()
    points = serializers.IntegerField(allow_null=True)
    max_points = serializers.IntegerField(allow_null=True)
    must_spend_all = serializers.BooleanField()
    reasons = ChoiceField(choices=Reasons)
    allows_abstention = serializers.BooleanField()
    allows_none_of_these = serializers.BooleanField()
    quorum = serializers.IntegerField(allow_null=True)
    quorum_share = serializers.CharField()
    pass_threshold = serializers.CharField()
    max_votes = serializers.IntegerField(allow_null=True)
    final_ties = ChoiceField(choices=LastTies)
    tie_seed_hash = serializers.CharField(
        help_text=_("The SHA-256 of the seed that breaks ties, which the results show once the poll is closed.")
    )
    is_draft = serializers.BooleanField()
    opens_at = MomentField(allow_null=True)
    expires_at = MomentField(allow_null=True)
    closed_at = MomentField(allow_null=True, help_text=_("When the poll was closed by hand, or its close recorded."))
    close_reason = serializers.CharField()
    status = ChoiceField(choices=Status)
    is_active = serializers.BooleanField(help_text=_("Whether the poll takes votes now."))
    visibility = ChoiceField(choices=Visibility)
    electorate = ChoiceField(choices=Electorate)
    guest_identity = ChoiceField(choices=GuestIdentity)
    vote_change = ChoiceField(choices=Until)
    vote_withdrawal = ChoiceField(choices=Until)
    accepts_new_options = serializers.BooleanField()
    shuffles_options = serializers.BooleanField()
    shows_voters = serializers.BooleanField()
    time_zone = serializers.CharField(help_text=_("In which the poll's times are shown; empty for the site's."))
    correction = serializers.CharField()
    groups = serializers.SerializerMethodField(help_text=_("Group ids; null unless you manage the poll."))
    permission = serializers.SerializerMethodField(help_text=_("Null unless you manage the poll."))
    metadata = serializers.SerializerMethodField(help_text=_("Null unless you manage the poll."))
    revision = serializers.IntegerField()
    votes = serializers.SerializerMethodField(
        help_text=_("The number of votes; null where the results are hidden from you.")
    )
    options = PollOptionSerializer(many=True)

    def get_created_by(self, poll: Poll) -> str | None:
        return None if poll.created_by_id is None else str(poll.created_by_id)

    def get_created_by_name(self, poll: Poll) -> str:
        return current_policy().display_name(poll.created_by) if poll.created_by else ""

    def get_groups(self, poll: Poll) -> list[int] | None:
        return sorted(group.pk for group in poll.groups.all()) if self._is_managed(poll) else None

    def get_permission(self, poll: Poll) -> str | None:
        return poll.permission if self._is_managed(poll) else None

    def get_metadata(self, poll: Poll) -> dict[str, Any] | None:
        return poll.metadata if self._is_managed(poll) else None

    def get_votes(self, poll: Poll) -> int | None:
        outcome = facts_of(self).outcomes.get(poll.pk)
        return outcome.votes if outcome else None

    def _is_managed(self, poll: Poll) -> bool:
        return poll.pk in facts_of(self).managed


def facts_of(serializer: serializers.BaseSerializer[Any]) -> Facts:
    """Return what the serializer was given to know of its polls."""
    facts: Facts = serializer.context.get("facts") or Facts()
    return facts


class StrictSerializer(serializers.Serializer[Any]):
    """A body whose every key must be a field of it."""

    lists: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def values_in(cls, body: Body) -> dict[str, Any]:
        """Return what a body says, as one value a field. Raises InvalidPoll with the fields at fault."""
        serializer = cls(data=cls._single(body), context={"is_form": body.is_form})
        if not serializer.is_valid():
            raise InvalidPoll(flat(serializer.errors))
        values: dict[str, Any] = serializer.validated_data
        return values

    @classmethod
    def _single(cls, body: Body) -> Mapping[str, Any]:
        """Return a form's fields with one text for each that is no list."""
        if not body.is_form:
            return body.fields
        repeated = [name for name, values in body.fields.items() if name not in cls.lists and len(values) > 1]
        if repeated:
            raise InvalidPoll({name: [str(ONE_VALUE)] for name in repeated})
        return {name: values if name in cls.lists else values[0] for name, values in body.fields.items()}

    def to_internal_value(self, data: object) -> dict[str, Any]:
        if isinstance(data, Mapping) and (unexpected := data.keys() - self.fields.keys()):
            raise serializers.ValidationError({name: [NOT_EXPECTED] for name in sorted(unexpected)})
        values: dict[str, Any] = super().to_internal_value(data)
        return values


class NewOptionSerializer(StrictSerializer):
    """An option to be added. In a form it is a text."""

    text = TextField()
    capacity = IntegerField(
        required=False, allow_null=True, help_text=_("How many votes it takes, where voters choose options.")
    )

    def to_internal_value(self, data: object) -> dict[str, Any]:
        is_text_of_form = isinstance(data, str) and self.context.get("is_form")
        return super().to_internal_value({"text": data} if is_text_of_form else data)


class EditedOptionSerializer(NewOptionSerializer):
    """An option as it shall be."""

    id = IntegerField(required=False, help_text=_("The id of an option that the poll has; a new option has none."))


def _option_draft(option: Mapping[str, Any]) -> OptionDraft:
    """Return an option as it shall be: an existing one keeps its capacity unless one is said."""
    return OptionDraft(**{**({"capacity": Keep.AS_IT_IS} if "id" in option else {}), **option})


class NewPollSerializer(StrictSerializer):
    """A poll to be created."""

    lists = frozenset({"options", "groups", "grades"})

    title = TextField()
    description = TextField(required=False)
    options = NewOptionSerializer(
        many=True, required=False, help_text=_("Needed unless the method has options of its own, as `yes_no` has.")
    )
    method = TextField(
        required=False,
        help_text=_(
            "A voting method: `single`, `approval`, `ranked`, `score`, `dots`, `yes_no`, or one of the site's."
        ),
    )
    min_options = IntegerField(required=False)
    max_options = IntegerField(required=False, allow_null=True)
    count = TextField(
        required=False,
        help_text=_(
            "The way of counting: `irv`, `borda`, `schulze`, `ranked_pairs`, `copeland`, `stv` or `stv_meek` where "
            "options are ranked; `sum`, `mean`, `median`, `star` or `majority_judgment` where they are scored."
        ),
    )
    seats = IntegerField(required=False, help_text=_("How many options win, by `stv` or `stv_meek`."))
    quota = ChoiceField(choices=Quotas, required=False)
    max_ranks = IntegerField(required=False, allow_null=True, help_text=_("How many places a ballot ranks at most."))
    equal_ranks = BooleanField(required=False, help_text=_("Whether several options may share a place."))
    min_score = IntegerField(required=False)
    max_score = IntegerField(required=False)
    unscored_is_zero = BooleanField(required=False)
    grades = GradesField(required=False)
    points = IntegerField(required=False, allow_null=True, help_text=_("How many points a voter deals out."))
    max_points = IntegerField(required=False, allow_null=True, help_text=_("How many at most on one option."))
    must_spend_all = BooleanField(required=False)
    reasons = ChoiceField(choices=Reasons, required=False, help_text=_("Whether voters on a proposal say why."))
    allows_abstention = BooleanField(required=False)
    allows_none_of_these = BooleanField(required=False)
    quorum = IntegerField(required=False, allow_null=True, help_text=_("The votes without which nothing is decided."))
    quorum_share = TextField(required=False, help_text=_("The same as a share of the groups' members, such as `1/2`."))
    pass_threshold = TextField(required=False, help_text=_("The share of the votes that a winner needs, as `2/3`."))
    max_votes = IntegerField(required=False, allow_null=True, help_text=_("How many votes the poll takes."))
    final_ties = ChoiceField(choices=LastTies, required=False)
    is_draft = BooleanField(required=False)
    opens_at = MomentField(required=False, allow_null=True)
    expires_at = MomentField(required=False, allow_null=True)
    visibility = ChoiceField(choices=Visibility, required=False)
    electorate = ChoiceField(choices=Electorate, required=False)
    groups = serializers.ListField(
        child=IntegerField(), required=False, help_text=_("Ids of groups whose members vote.")
    )
    permission = TextField(required=False, help_text=_("A permission whose holders vote, as `app_label.codename`."))
    guest_identity = ChoiceField(choices=GuestIdentity, required=False)
    vote_change = ChoiceField(choices=Until, required=False)
    vote_withdrawal = ChoiceField(choices=Until, required=False)
    accepts_new_options = BooleanField(required=False)
    shuffles_options = BooleanField(
        required=False, help_text=_("Whether pages show the options in another order to each voter.")
    )
    shows_voters = BooleanField(required=False, help_text=_("Whether pages name those who voted, and never for what."))
    time_zone = TextField(required=False, help_text=_("In which the poll's times are shown, as `Europe/Berlin`."))
    correction = TextField(required=False)
    metadata = MetadataField(required=False)

    def validate_groups(self, ids: list[int]) -> list[Group]:
        groups = list(Group.objects.filter(pk__in=ids))
        if len(groups) < len(set(ids)):
            raise serializers.ValidationError(_("There is no such group."))
        return groups

    @classmethod
    def draft_in(cls, values: Mapping[str, Any]) -> PollDraft:
        """Return the poll that `values_in` a body describe."""
        options = values.get("options")
        return PollDraft(
            {name: values[name] for name in DEFINITION if name in values},
            None if options is None else [_option_draft(option) for option in options],
            values.get("groups"),
        )


class EditedPollSerializer(NewPollSerializer):
    """Changes to a poll: the fields to change, and the revision that they were made on."""

    title = TextField(required=False)
    options = EditedOptionSerializer(many=True, required=False)
    revision = IntegerField(help_text=REVISION_HELP)


class ClosePollSerializer(StrictSerializer):
    """The close of a poll."""

    reason = TextField(required=False, help_text=_("Shown to everybody beside the closed poll."))


class EmptySerializer(StrictSerializer):
    """A body with nothing in it."""
