"""Breaking ties by an order that nobody can foresee and everybody can recompute."""

from collections.abc import Iterable
from hashlib import sha256

from django_polls.methods.outcomes import Tie
from django_polls.methods.rules import Rules


def seed_order(option_ids: Iterable[int], seed: bytes) -> tuple[int, ...]:
    """Return the options in the order that the seed gives, the best first.

    By the SHA-256 of the seed, a colon and the option's id in decimal digits, ascending. The poll publishes the SHA-256
    of its seed when it opens and the seed when it closes, so the order is fixed before the votes and known after them.
    """
    return tuple(sorted(option_ids, key=lambda option_id: sha256(b"%b:%d" % (seed, option_id)).digest()))


def first_place(
    tied: tuple[int, ...], rules: Rules, *, round_number: int | None = None
) -> tuple[tuple[int, ...], tuple[Tie, ...]]:
    """Return who wins of those who share the first place, and the tie that was broken if they are several."""
    if len(tied) == 1:
        return tied, ()
    if rules.ties.declares:
        return tied, (Tie(tied, rules.ties.declared_by, tied, round_number),)
    winners = seed_order(tied, rules.ties.seed)[:1]
    return winners, (Tie(tied, "seed", winners, round_number),)
