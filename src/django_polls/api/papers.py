"""Votes as the documentation has them: what a voter sends under each method, and what comes back."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_polls.api.fields import MomentField
from django_polls.api.serializers import REVISION_HELP


class ScoreMarkSerializer(serializers.Serializer[Any]):
    """An option with its score or its points."""

    option_id = serializers.IntegerField()
    score = serializers.IntegerField()


class VoteSerializer(serializers.Serializer[Any]):
    """Your own vote, in the words in which it was sent."""

    has_voted = serializers.BooleanField()
    option_ids = serializers.ListField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text=_("The options marked; null without a vote, and where they are ranked or scored."),
    )
    ranking = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        required=False,
        help_text=_("Places, best first."),
    )
    scores = ScoreMarkSerializer(many=True, required=False)
    abstain = serializers.BooleanField(required=False)
    none_of_these = serializers.BooleanField(required=False)
    reason = serializers.CharField(required=False)
    cast_at = MomentField(allow_null=True)


class PaperSerializer(serializers.Serializer[Any]):
    """What every vote may say besides its ballot."""

    revision = serializers.IntegerField(required=False, help_text=REVISION_HELP)


class SingleChoiceBallotSerializer(PaperSerializer):
    """A vote in a single-choice poll."""

    option_id = serializers.IntegerField()


class ApprovalBallotSerializer(PaperSerializer):
    """A vote in an approval poll."""

    option_ids = serializers.ListField(child=serializers.IntegerField())


class RankedBallotSerializer(PaperSerializer):
    """A vote in a ranked poll: places, best first. A place is an option, or a list of those that share it."""

    ranking = serializers.ListField(child=serializers.JSONField())


class ScoreBallotSerializer(PaperSerializer):
    """A vote in a score poll: whole scores within the poll's, of some options or of all."""

    scores = ScoreMarkSerializer(many=True)


class DotsBallotSerializer(PaperSerializer):
    """A vote in a poll of dots: points, as many altogether as the poll gives a voter."""

    scores = ScoreMarkSerializer(many=True)


class ProposalBallotSerializer(PaperSerializer):
    """A vote on a proposal: one of its four answers, and a reason where the poll takes them."""

    option_id = serializers.IntegerField()
    reason = serializers.CharField(required=False, max_length=1_000)


class AbstentionSerializer(PaperSerializer):
    """An abstention, where the poll takes them."""

    abstain = serializers.BooleanField()


class NoneOfTheseSerializer(PaperSerializer):
    """A vote for none of the options, where the poll offers it."""

    none_of_these = serializers.BooleanField()


class BallotSerializer(serializers.Serializer[Any]):
    """A ballot: what the poll's method takes, or a word instead."""

    papers = (
        SingleChoiceBallotSerializer,
        ApprovalBallotSerializer,
        RankedBallotSerializer,
        ScoreBallotSerializer,
        DotsBallotSerializer,
        ProposalBallotSerializer,
        AbstentionSerializer,
        NoneOfTheseSerializer,
    )
