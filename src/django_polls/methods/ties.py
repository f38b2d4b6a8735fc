"""Breaking ties by an order that nobody can foresee and everybody can recompute."""

from collections.abc import Iterable
from hashlib import sha256


def seed_order(option_ids: Iterable[int], seed: bytes) -> tuple[int, ...]:
    """Return the options in the order that the seed gives, the best first.

    By the SHA-256 of the seed, a colon and the option's id in decimal digits, ascending. The poll publishes the SHA-256
    of its seed when it opens and the seed when it closes, so the order is fixed before the votes and known after them.
    """
    return tuple(sorted(option_ids, key=lambda option_id: sha256(b"%b:%d" % (seed, option_id)).digest()))
