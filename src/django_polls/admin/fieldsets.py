"""The groups in which the page of a poll shows its fields."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What stands for a field whose value is a key, where it can only be read.
SHOWN_AS: Mapping[str, str] = {"method": "method_name", "count": "count_name"}
HISTORY = ("created_by", "created_at", "opened_at", "closed_at", "closed_by", "close_reason")


class Group(NamedTuple):
    """Fields under a heading, with a sentence on them; folded up where few polls need them."""

    name: str | Promise | None
    fields: tuple[str, ...]
    about: str | Promise = ""
    is_rare: bool = False

    def fieldset(self, fixed: Collection[str]) -> tuple[object, dict[str, Any]]:
        """Return it as Django has it, where these fields can only be read."""
        fields = tuple(SHOWN_AS.get(name, name) if name in fixed else name for name in self.fields)
        classes = ("collapse",) if self.is_rare else ()
        return self.name, {"fields": fields, "description": self.about, "classes": classes}


FIRST = Group(None, ("title", "description"))

GROUPS = (
    Group(_("How people vote"), ("method", "count", "min_options", "max_options")),
    Group(
        _("Rankings"),
        ("max_ranks", "equal_ranks", "seats", "quota"),
        _("For polls in which voters put the options in order."),
        is_rare=True,
    ),
    Group(
        _("Scores"),
        ("min_score", "max_score", "grades", "unscored_is_zero"),
        _("For polls in which voters give each option a score."),
        is_rare=True,
    ),
    Group(
        _("Points"),
        ("points", "max_points", "must_spend_all"),
        _("For polls in which voters deal out points."),
        is_rare=True,
    ),
    Group(
        _("Proposals"),
        ("reasons",),
        _("A new proposal without options gets its four: agree, disagree, abstain and block."),
        is_rare=True,
    ),
    Group(
        _("What it takes to decide"),
        (
            "quorum",
            "quorum_share",
            "pass_threshold",
            "max_votes",
            "final_ties",
            "allows_abstention",
            "allows_none_of_these",
        ),
    ),
    Group(_("Schedule"), ("is_draft", "opens_at", "expires_at", "time_zone")),
    Group(_("Results"), ("visibility", "shows_voters")),
    Group(
        _("Voters"),
        (
            "electorate",
            "groups",
            "permission",
            "guest_identity",
            "vote_change",
            "vote_withdrawal",
            "accepts_new_options",
            "shuffles_options",
        ),
    ),
    Group(_("Notes"), ("correction", "metadata")),
)

STANDING = Group(_("How it stands"), ("tally",))
PAST = Group(_("History"), ("status_now", *HISTORY))
