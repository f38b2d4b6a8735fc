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
    IntegerField,
    MetadataField,
    MomentField,
    TextField,
)
from django_polls.api.parsers import Body
from django_polls.exceptions import InvalidPoll
from django_polls.lifecycle import OptionDraft, PollDraft
from django_polls.methods.outcomes import Exact, Outcome
from django_polls.models import Poll, PollOption
from django_polls.models.polls import Electorate, GuestIdentity, Status, Until, Visibility
from django_polls.policies import current_policy

REVISION_HELP = _("The poll's revision as you saw it; another one is refused with `poll_changed`.")

# What is written of a poll, besides its lists.
DEFINITION = (
    "title",
    "description",
    "method",
    "min_options",
    "max_options",
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
    "correction",
    "metadata",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a viewer may know of some polls besides their definition: outcomes by poll id, and which they manage."""

    outcomes: Mapping[UUID, Outcome] = field(default_factory=dict)
    managed: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Results:
    """A poll with the outcome that its viewer may see."""

    poll: Poll
    outcome: Outcome


class PollOptionSerializer(serializers.Serializer[PollOption]):
    """An option of a poll, with its votes where you may see them."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    position = serializers.IntegerField()
    vote_count = serializers.SerializerMethodField(
        help_text=_("The votes that mark this option; null where the results are hidden from you.")
    )

    def get_vote_count(self, option: PollOption) -> Exact | None:
        # Never the model's own count, which asks nobody.
        outcome = _facts(self).outcomes.get(option.poll_id)
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
        outcome = _facts(self).outcomes.get(poll.pk)
        return outcome.votes if outcome else None

    def _is_managed(self, poll: Poll) -> bool:
        return poll.pk in _facts(self).managed


def _facts(serializer: serializers.BaseSerializer[Any]) -> Facts:
    facts: Facts = serializer.context.get("facts") or Facts()
    return facts


class PollResultsSerializer(serializers.Serializer[Results]):
    """The outcome of a poll as it stands, or as it was when the poll closed."""

    poll = serializers.UUIDField(source="poll.pk")
    method = serializers.CharField(source="outcome.method")
    is_final = serializers.SerializerMethodField(help_text=_("Whether the poll is closed, so that nothing changes."))
    votes = serializers.IntegerField(source="outcome.votes")
    options = PollOptionSerializer(many=True, source="poll.options")
    winners = serializers.ListField(
        child=serializers.IntegerField(),
        source="outcome.winners",
        help_text=_("The ids of all options that won, several where they tie; none without votes."),
    )
    tie_rule = serializers.CharField(source="outcome.tie_rule")

    def get_is_final(self, results: Results) -> bool:
        return results.poll.status == Status.CLOSED


class VoteSerializer(serializers.Serializer[Any]):
    """Your own vote."""

    has_voted = serializers.BooleanField()
    option_ids = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text=_("The options marked; null without a vote.")
    )
    cast_at = MomentField(allow_null=True)


class BallotSerializer(serializers.Serializer[Any]):
    """A ballot: exactly one of the fields of the poll's method."""

    option_id = serializers.IntegerField(required=False, help_text=_("Single choice."))
    option_ids = serializers.ListField(child=serializers.IntegerField(), required=False, help_text=_("Approval."))
    revision = serializers.IntegerField(required=False, help_text=REVISION_HELP)


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

    def to_internal_value(self, data: object) -> dict[str, Any]:
        is_text_of_form = isinstance(data, str) and self.context.get("is_form")
        return super().to_internal_value({"text": data} if is_text_of_form else data)


class EditedOptionSerializer(NewOptionSerializer):
    """An option as it shall be."""

    id = IntegerField(required=False, help_text=_("The id of an option that the poll has; a new option has none."))


class NewPollSerializer(StrictSerializer):
    """A poll to be created."""

    lists = frozenset({"options", "groups"})

    title = TextField()
    description = TextField(required=False)
    options = NewOptionSerializer(many=True)
    method = TextField(required=False, help_text=_("The key of a voting method: `single` or `approval`."))
    min_options = IntegerField(required=False)
    max_options = IntegerField(required=False, allow_null=True)
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
            None if options is None else [OptionDraft(**option) for option in options],
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
