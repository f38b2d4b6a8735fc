"""Results as JSON: the figures of an outcome, each exact, and what they say in sentences."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_polls.api.fields import ExactField
from django_polls.api.serializers import PollOptionSerializer, facts_of
from django_polls.methods.explanation import explanation
from django_polls.methods.outcomes import Exact, Outcome, Result
from django_polls.models import Poll, PollOption
from django_polls.models.polls import Status

SHARE_DIGITS = 4

# What stands in an answer only where there is some of it.
IF_ANY = (
    "count",
    "abstentions",
    "none_of_these",
    "ranking",
    "points",
    "rounds",
    "pairwise",
    "strengths",
    "majorities",
    "ties",
    "verdict",
)


@dataclass(frozen=True, slots=True)
class Results:
    """A poll with the outcome that its viewer may see."""

    poll: Poll
    outcome: Outcome


def share_of(votes: Exact | None, base: Exact) -> str | None:
    """Return the share that votes are of a base, rounded to four decimals; None where there is no such share."""
    if votes is None or not Fraction(base):
        return None
    return f"{float(round(Fraction(votes) / Fraction(base), SHARE_DIGITS)):.{SHARE_DIGITS}f}"


class ResultOptionSerializer(PollOptionSerializer):
    """An option with its votes, and the share that they are."""

    share_of_votes = serializers.SerializerMethodField(
        help_text=_("Of the votes that mark options (`base`), to four decimals; null where options have no votes.")
    )
    share_of_marks = serializers.SerializerMethodField(
        help_text=_("Of all marks together, which are more than the votes where a ballot marks several options.")
    )

    def get_share_of_votes(self, option: PollOption) -> str | None:
        outcome = facts_of(self).outcomes[option.poll_id]
        return share_of(outcome.option_votes.get(option.pk), outcome.base)

    def get_share_of_marks(self, option: PollOption) -> str | None:
        outcome = facts_of(self).outcomes[option.poll_id]
        return share_of(outcome.option_votes.get(option.pk), outcome.marks)


class OptionPointsSerializer(serializers.Serializer[Any]):
    """What an option is ordered by: points, a sum, a mean, a median, or its votes in a round."""

    option_id = serializers.IntegerField()
    points = ExactField()


class TransferSerializer(serializers.Serializer[Any]):
    """Votes that left an option at the end of a round."""

    source = serializers.IntegerField()  # type: ignore[assignment]  # a serializer as a field has one too
    target = serializers.IntegerField(allow_null=True, help_text=_("Null for votes without a further choice."))
    votes = ExactField()


def _ids(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.IntegerField(), **kwargs)


def _matrix(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.ListField(child=ExactField()), required=False, **kwargs)


class RoundSerializer(serializers.Serializer[Any]):
    """One round of a count."""

    totals = OptionPointsSerializer(many=True)
    exhausted = ExactField(help_text=_("The votes of ballots that rank none of the options left."))
    quota = ExactField(allow_null=True)
    elected = _ids()
    eliminated = _ids()
    transfers = TransferSerializer(many=True)


class MajoritySerializer(serializers.Serializer[Any]):
    """A pairwise majority of ranked pairs, in the order looked at."""

    winner = serializers.IntegerField()
    loser = serializers.IntegerField()
    votes = ExactField()
    against = ExactField()
    is_locked = serializers.BooleanField(help_text=_("False where it would have closed a circle."))


class TieSerializer(serializers.Serializer[Any]):
    """Options that were equal where only some could go on, and how it was decided which."""

    options = _ids()
    broken_by = serializers.CharField(
        help_text=_("Such as `previous_rounds`, `seed`, `declared`, or while the poll is open `at_close` and `hash`.")
    )
    chosen = _ids()
    round = serializers.IntegerField(allow_null=True)


class VerdictSerializer(serializers.Serializer[Any]):
    """What became of the quorum and of the share of the votes that the poll asks for."""

    result = serializers.CharField(
        help_text=_("`passed`, `failed`, `no_quorum`, or `pending` until the close is recorded.")
    )
    quorum = serializers.IntegerField(allow_null=True, help_text=_("The votes needed."))
    support = ExactField(allow_null=True, help_text=_("The votes for whoever wins."))
    base = ExactField(allow_null=True, help_text=_("The votes that they are a share of."))
    threshold = ExactField(allow_null=True, help_text=_("The share needed."))


class PollResultsSerializer(serializers.Serializer[Results]):
    """The outcome of a poll as it stands, or as it was when the poll closed.

    Figures are exact: a whole number, else a text such as `12.5` or `1/3`. What the way of counting does not have is
    left out.
    """

    poll = serializers.UUIDField(source="poll.pk")
    method = serializers.CharField(source="outcome.method")
    count = serializers.CharField(source="outcome.count", required=False, help_text=_("The way of counting."))
    is_final = serializers.SerializerMethodField(help_text=_("Whether the poll is closed, so that nothing changes."))
    votes = serializers.IntegerField(source="outcome.votes")
    abstentions = serializers.IntegerField(source="outcome.abstentions", required=False)
    none_of_these = serializers.IntegerField(source="outcome.none_of_these", required=False)
    weight = ExactField(
        source="outcome.weight", required=False, help_text=_("What the votes that mark options weigh together.")
    )
    base = ExactField(source="outcome.base", help_text=_("The votes that mark options: what shares are shares of."))
    options = ResultOptionSerializer(many=True, source="poll.options")
    winners = _ids(
        source="outcome.winners",
        help_text=_("The ids of all options that won, several where they tie; none without votes."),
    )
    tie_rule = serializers.CharField(source="outcome.tie_rule")
    ranking = serializers.ListField(
        child=_ids(), source="outcome.ranking", required=False, help_text=_("All options in groups, best first.")
    )
    points = OptionPointsSerializer(many=True, source="outcome.points", required=False)
    rounds = RoundSerializer(many=True, source="outcome.rounds", required=False)
    pairwise = _matrix(
        source="outcome.pairwise",
        help_text=_("The votes that prefer the option of the row to that of the column, in the order of `options`."),
    )
    strengths = _matrix(
        source="outcome.strengths",
        help_text=_("The strength of the strongest path from the option of the row to that of the column."),
    )
    majorities = MajoritySerializer(many=True, source="outcome.majorities", required=False)
    ties = TieSerializer(many=True, source="outcome.ties", required=False)
    verdict = VerdictSerializer(source="outcome.verdict", required=False)
    tie_seed_hash = serializers.CharField(
        source="poll.tie_seed_hash", help_text=_("The SHA-256 of the seed that breaks ties.")
    )
    tie_seed = serializers.SerializerMethodField(help_text=_("The seed itself; null until the poll is closed."))
    explanation = serializers.SerializerMethodField(help_text=_("What the outcome says, in sentences."))

    def get_is_final(self, results: Results) -> bool:
        verdict = results.outcome.verdict
        is_pending = verdict is not None and verdict.result == Result.PENDING
        return results.poll.status == Status.CLOSED and not is_pending

    def get_tie_seed(self, results: Results) -> str | None:
        poll = results.poll
        return bytes(poll.tie_seed).hex() if poll.tie_seed is not None and poll.status == Status.CLOSED else None

    def get_explanation(self, results: Results) -> list[str]:
        names = {option.pk: option.text for option in results.poll.options.all()}
        return explanation(results.outcome, names, results.poll.grade_words)

    def to_representation(self, instance: Results) -> dict[str, Any]:
        told = super().to_representation(instance)
        if instance.outcome.weight is None:
            # It may be 0, where all weighted votes are abstentions.
            told.pop("weight", None)
        return {name: value for name, value in told.items() if name not in IF_ANY or value}
