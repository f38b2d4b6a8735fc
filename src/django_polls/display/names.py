"""What the methods and their ways of counting are called, for whoever writes polls or reads outcomes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_polls.conf import voting_methods

Choices = list[tuple[str, object]]

# A way of counting that a site has added goes by its key.
COUNTS: Mapping[str, str | Promise] = {
    "irv": _("Instant run-off"),
    "borda": _("Borda: points for each place"),
    "schulze": _("Schulze: options compared in pairs"),
    "ranked_pairs": _("Ranked pairs: the clearest comparisons first"),
    "copeland": _("Copeland: comparisons won"),
    "stv": _("Single transferable vote, for several seats"),
    "stv_meek": _("Single transferable vote by Meek's method"),
    "sum": _("Sum of the scores"),
    "mean": _("Mean score"),
    "median": _("Median score"),
    "star": _("STAR: scores, then a run-off of the best two"),
    "majority_judgment": _("Majority judgment"),
}


def method_choices() -> Choices:
    """Return the registered methods."""
    return [(key, method.label) for key, method in voting_methods().items()]


def count_choices() -> Choices:
    """Return the ways of counting under the methods that have them, after the empty one."""
    methods = [method for method in voting_methods().values() if method.counts]
    grouped = [(str(method.label), [(count, label_of(count)) for count in method.counts]) for method in methods]
    return [("", _("The first way of the method")), *grouped]


def label_of(count: str) -> str:
    """Return what a way of counting is called."""
    return str(COUNTS.get(count, count))


def method_name(key: str) -> str:
    """Return what a method is called; its key where the site has it no longer."""
    method = voting_methods().get(key)
    return str(method.label) if method else key


def count_name(key: str, count: str) -> str:
    """Return by what way of counting a method goes: the one named, else its first; nothing where it has but one."""
    method = voting_methods().get(key)
    return label_of(count or next(iter(method.counts if method else ()), ""))
