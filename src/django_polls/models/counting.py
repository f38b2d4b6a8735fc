"""How a poll is voted in and counted: the fields that its method reads, and the rules they make."""

import re
import secrets
from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_polls.conf import voting_methods
from django_polls.exceptions import MethodUnavailable
from django_polls.methods.ballots import Word
from django_polls.methods.base import VotingMethod
from django_polls.methods.rules import Decision, FinalTies, Quota, Ranks, Rules, Scores, Ties
from django_polls.models.text import validate_plain_text

# Written as people write shares: 2/3 has no decimals that end.
SHARE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}|/[0-9]{1,9})?", re.ASCII)
SHARE_LENGTH = 20
GRADES_LENGTH = 1_000
REASON_LENGTH = 1_000


class Quotas(models.TextChoices):
    """The votes that elect an option where several win."""

    DROOP = Quota.DROOP.value, _("Droop: more than others could reach too")
    HARE = Quota.HARE.value, _("Hare: the votes divided by the seats")


class LastTies(models.TextChoices):
    """What becomes of options that tie for the last place to be won."""

    SEED = FinalTies.SEED.value, _("The poll's seed decides, which is published at the close")
    DECLARE = FinalTies.DECLARE.value, _("All of them win")


class Reasons(models.TextChoices):
    """Whether voters give a reason with their vote on a proposal."""

    OFF = "off", _("No reasons")
    OPTIONAL = "optional", _("Whoever likes")
    REQUIRED = "required", _("Every voter")
    REQUIRED_FOR_DISAGREE = "required_for_disagree", _("Whoever disagrees or blocks")


def new_tie_seed() -> bytes:
    """Return a random seed, from which a poll's ties are broken. Its hash is public, itself only after the close."""
    return secrets.token_bytes(32)


def share_in(text: str) -> Fraction | None:
    """Return the share that a text like `2/3` or `0.6` means, None for the empty one. Raises ValueError."""
    if not text:
        return None
    numerator, _slash, denominator = text.partition("/")
    if not SHARE.fullmatch(text) or not (denominator or "1").strip("0"):
        raise ValueError(text)
    share = Fraction(numerator) / int(denominator or 1)
    if not 0 < share <= 1:
        raise ValueError(text)
    return share


def validate_share(text: str) -> None:
    """Raise ValidationError unless this is a share above 0, of 1 at most."""
    try:
        share_in(text)
    except ValueError:
        raise ValidationError(_("Give a share such as 2/3 or 0.6: more than 0, and 1 at most.")) from None


class CountedPoll(models.Model):
    """What of a poll says how it is voted in and counted. Each method reads the fields that it has a use for.

    The database's own defaults are for rows that a process of an earlier version inserts while a site is upgraded.
    """

    method = models.CharField(_("method"), max_length=50, default="single")
    min_options = models.PositiveSmallIntegerField(
        _("least options"), default=1, help_text=_("How many options a ballot marks at least.")
    )
    max_options = models.PositiveSmallIntegerField(
        _("most options"), null=True, blank=True, help_text=_("How many it marks at most; empty for all.")
    )
    count = models.CharField(
        _("way of counting"),
        max_length=50,
        blank=True,
        default="",
        db_default="",
        help_text=_("One of the method's ways of counting; empty for its first."),
    )
    seats = models.PositiveSmallIntegerField(
        _("seats"), default=1, db_default=1, help_text=_("How many options win: more than one by a transferable vote.")
    )
    quota = models.CharField(_("quota"), max_length=20, choices=Quotas, default=Quotas.DROOP, db_default=Quotas.DROOP)
    max_ranks = models.PositiveSmallIntegerField(
        _("most places"), null=True, blank=True, help_text=_("How many places a ballot ranks at most; empty for all.")
    )
    equal_ranks = models.BooleanField(_("several options on one place"), default=False, db_default=False)
    min_score = models.SmallIntegerField(_("lowest score"), default=0, db_default=0)
    max_score = models.SmallIntegerField(_("highest score"), default=5, db_default=5)
    unscored_is_zero = models.BooleanField(
        _("no score counts as zero"),
        default=True,
        db_default=True,
        help_text=_("Otherwise a ballot is left out of the figures of an option that it does not score."),
    )
    grades = models.CharField(
        _("grades"),
        max_length=GRADES_LENGTH,
        blank=True,
        default="",
        db_default="",
        validators=[validate_plain_text],
        help_text=_("A word for each score, one a line, the worst first."),
    )
    points = models.PositiveSmallIntegerField(
        _("points"), null=True, blank=True, help_text=_("How many points a voter deals out.")
    )
    max_points = models.PositiveSmallIntegerField(
        _("most points on one option"), null=True, blank=True, help_text=_("Empty for all of them.")
    )
    must_spend_all = models.BooleanField(_("all points must be given"), default=False, db_default=False)
    reasons = models.CharField(
        _("reasons"), max_length=30, choices=Reasons, default=Reasons.OFF, db_default=Reasons.OFF
    )
    allows_abstention = models.BooleanField(_("voters may abstain"), default=False, db_default=False)
    allows_none_of_these = models.BooleanField(_('voters may choose "none of these"'), default=False, db_default=False)

    quorum = models.PositiveIntegerField(
        _("quorum"), null=True, blank=True, help_text=_("The votes without which nothing is decided.")
    )
    quorum_share = models.CharField(
        _("quorum as a share"),
        max_length=SHARE_LENGTH,
        blank=True,
        default="",
        db_default="",
        validators=[validate_share],
        help_text=_("Of the active members of the poll's groups, such as 1/2."),
    )
    pass_threshold = models.CharField(
        _("share needed"),
        max_length=SHARE_LENGTH,
        blank=True,
        default="",
        db_default="",
        validators=[validate_share],
        help_text=_("Of the votes, at least, for whoever wins, such as 2/3."),
    )
    electorate_size = models.PositiveIntegerField(
        null=True, editable=False, help_text=_("The active members of the poll's groups when its close was recorded.")
    )
    max_votes = models.PositiveIntegerField(
        _("most votes"), null=True, blank=True, help_text=_("How many votes the poll takes; empty for all.")
    )
    # What a poll made by an earlier version does: it has no seed.
    final_ties = models.CharField(
        _("ties for the last place"),
        max_length=20,
        choices=LastTies,
        default=LastTies.SEED,
        db_default=LastTies.DECLARE,
    )
    tie_seed = models.BinaryField(null=True, default=new_tie_seed, editable=False)

    class Meta:
        abstract = True

    @property
    def voting_method(self) -> VotingMethod:
        """The strategy that this poll is counted by. Raises MethodUnavailable where the site has it no longer."""
        try:
            return voting_methods()[self.method]
        except KeyError:
            raise MethodUnavailable(method=self.method) from None

    def rules_for(self, option_ids: tuple[int, ...]) -> Rules:
        """Return the rules of this poll, had it these options, while it is open: the seed of its ties is a public one.

        Raises ValueError for a share that is none.
        """
        return Rules(
            option_ids,
            self.min_options,
            self.max_options,
            count=self.count,
            seats=self.seats,
            quota=Quota(self.quota),
            ranks=Ranks(self.max_ranks, self.equal_ranks),
            scores=Scores(
                self.min_score,
                self.max_score,
                self.unscored_is_zero,
                self.points,
                self.must_spend_all,
                self.max_points,
            ),
            ties=Ties(bytes.fromhex(self.tie_seed_hash), FinalTies(self.final_ties), is_settled=False),
            words=self._words,
            decision=Decision(
                self.quorum, share_in(self.quorum_share), self.electorate_size, share_in(self.pass_threshold)
            ),
        )

    @property
    def _words(self) -> frozenset[Word]:
        allowed = {Word.ABSTAIN: self.allows_abstention, Word.NONE_OF_THESE: self.allows_none_of_these}
        return frozenset(word for word, is_allowed in allowed.items() if is_allowed)

    @property
    def tie_seed_hash(self) -> str:
        """The SHA-256 of the seed in hexadecimal digits: public from the start, so that nobody can choose the seed.

        Empty for a poll that was made before polls had a seed.
        """
        return sha256(self.tie_seed).hexdigest() if self.tie_seed else ""

    @property
    def grade_words(self) -> Mapping[int, str]:
        """The word for each score, where the poll has words."""
        return dict(enumerate(self.grades.splitlines(), self.min_score))

    def counting_faults(self) -> Mapping[str, str | Promise]:
        """Return what is wrong with these fields among themselves, by the field at fault."""
        found: dict[str, str | Promise] = {}
        if self.max_options is not None and self.max_options < max(self.min_options, 1):
            found["max_options"] = _("The most options must not be fewer than the least, nor none.")
        if self.min_score >= self.max_score:
            found["max_score"] = _("The highest score must be above the lowest one.")
        if self.grades and len(self.grades.splitlines()) != self.max_score - self.min_score + 1:
            found["grades"] = _("Give one word for each score.")
        if self.quorum is not None and self.quorum_share:
            found["quorum_share"] = _("The quorum is a number or a share, not both.")
        for name, (least_value, most_value) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not least_value <= value <= most_value:
                found[name] = _("This is out of range.")
        least = {"seats": self.seats, "points": self.points, "max_points": self.max_points, "quorum": self.quorum}
        least |= {"max_ranks": self.max_ranks, "max_votes": self.max_votes}
        return found | {name: _("This must be at least 1.") for name, value in least.items() if value == 0}


# The same under every database: SQLite would keep more than marks and the others can.
SMALL, LARGE = 2**15 - 1, 2**31 - 1
RANGES = {
    **dict.fromkeys(("min_score", "max_score"), (-SMALL, SMALL)),
    **dict.fromkeys(("min_options", "max_options", "seats", "max_ranks", "points", "max_points"), (0, SMALL)),
    **dict.fromkeys(("quorum", "max_votes"), (0, LARGE)),
}

COUNTING_CONSTRAINTS = (
    models.CheckConstraint(
        condition=Q(max_options=None) | Q(max_options__gte=1) & Q(max_options__gte=F("min_options")),
        name="django_polls_poll_limits",
    ),
    models.CheckConstraint(
        condition=Q(
            Q(max_ranks=None) | Q(max_ranks__gte=1),
            Q(points=None) | Q(points__gte=1),
            Q(max_points=None) | Q(max_points__gte=1),
            Q(quorum=None) | Q(quorum__gte=1, quorum_share=""),
            Q(max_votes=None) | Q(max_votes__gte=1),
            seats__gte=1,
            min_score__lt=F("max_score"),
            quota__in=Quotas.values,
            reasons__in=Reasons.values,
            final_ties__in=LastTies.values,
        ),
        name="django_polls_poll_counting",
    ),
)

# What of it is part of a poll's definition: the first vote fixes all of it.
COUNTING_FIELDS = tuple(
    field.name for field in CountedPoll._meta.fields if field.name not in {"electorate_size", "tie_seed"}
)
