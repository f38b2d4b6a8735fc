"""Load the demo: its users, its polls, and votes cast by a seeded generator through the same verb as everybody's."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, router, transaction
from django.db.models import EmailField

from django_polls.exceptions import OptionFull
from django_polls.identity import Voter
from django_polls.lifecycle import OptionDraft, PollDraft, close_poll, create_poll
from django_polls.management.demo_polls import DEMO_POLLS, JONAS, MAYA, Close, DemoPoll
from django_polls.methods.ballots import Ballot, Mark
from django_polls.methods.rankings import ballot_of
from django_polls.models import Poll
from django_polls.models.clock import database_now
from django_polls.models.polls import Electorate, GuestIdentity
from django_polls.results import finalise
from django_polls.voting import cast_vote

ADMIN = "demo_admin"
LOGINS = (ADMIN, MAYA, JONAS)
# They have no password: the logins have not voted, so that whoever tries them can.
VOTERS = ("demo_amina", "demo_leo", "demo_noor", "demo_sofia", "demo_tomas", "demo_yuki")

MARKER = "polls_demo"

Users = Mapping[str, AbstractBaseUser]


@dataclass(frozen=True, slots=True)
class Demo:
    """How to make the demo: `guest_votes` altogether, by a generator with this seed."""

    guest_votes: int
    seed: int
    password: str | None = None

    @property
    def total(self) -> int:
        """How many votes will be cast."""
        return sum(self.votes_in(poll) for poll in DEMO_POLLS)

    def votes_in(self, poll: DemoPoll) -> int:
        """How many votes will be cast in a poll."""
        if poll.rules.get("electorate") == Electorate.USERS:
            return len(VOTERS)
        return self.guest_votes * poll.crowd // sum(poll.crowd for poll in DEMO_POLLS)


def is_loaded() -> bool:
    """Whether any poll of the demo is there."""
    return Poll.objects.using(router.db_for_write(Poll)).filter(metadata__has_key=MARKER).exists()


def load(demo: Demo, *, advance: Callable[[], None]) -> bool:
    """Store the whole demo unless it is there; whether this call has. Where it fails, nothing was stored.

    Calls `advance` after each vote.
    """
    # Hashing takes long on purpose, and the password is no secret of the logins' from each other.
    hashed, unusable = make_password(demo.password), make_password(None)
    try:
        with transaction.atomic(using=router.db_for_write(Poll)):
            users = {name: _user(name, hashed) for name in LOGINS} | {name: _user(name, unusable) for name in VOTERS}
            if is_loaded():
                return False
            _load_polls(demo, users, advance)
    except IntegrityError:
        # Another process was making the same users, which this one has waited for.
        if not is_loaded():
            raise
        return False
    return True


def _load_polls(demo: Demo, users: Users, advance: Callable[[], None]) -> None:
    generator = random.Random(demo.seed)  # noqa: S311 - a demo that is the same each time, not a secret
    # Lists show the newest first: that shall be the first one here.
    for demo_poll in reversed(DEMO_POLLS):
        poll = create_poll(_draft(demo_poll), created_by=users[demo_poll.created_by])
        popularity = {option.pk: demo_poll.options[option.text] for option in poll.options.all()}
        for voter in _voters(poll, demo.votes_in(demo_poll), users, generator):
            _vote(poll, voter, popularity, generator)
            advance()
        _close(poll, demo_poll)


def _vote(poll: Poll, voter: Voter, popularity: Mapping[int, int], generator: random.Random) -> None:
    """Cast a vote of this voter's, who looks for something else where the places are taken."""
    while True:
        with suppress(OptionFull):
            cast_vote(poll, voter, _ballot(poll, popularity, generator))
            return


def logins() -> list[str]:
    """Return the names of the demo under which one can log in."""
    return [user.get_username() for user in map(_existing, LOGINS) if user is not None and user.has_usable_password()]


def _login(name: str) -> str:
    user_model = get_user_model()
    is_address = isinstance(user_model._meta.get_field(user_model.USERNAME_FIELD), EmailField)
    return f"{name}@example.com" if is_address else name


def _existing(name: str) -> AbstractBaseUser | None:
    users = get_user_model()._default_manager  # noqa: SLF001 - documented: a host's manager may have any name
    return users.filter(**{get_user_model().USERNAME_FIELD: _login(name)}).first()


def _user(name: str, hashed_password: str) -> AbstractBaseUser:
    """Return the user of this name, made unless there is one: an existing account keeps its password and its rights."""
    if (found := _existing(name)) is not None:
        return found
    user = get_user_model()(**{get_user_model().USERNAME_FIELD: _login(name), "password": hashed_password})
    if name == ADMIN and user.has_usable_password():
        user.is_staff = user.is_superuser = True
    user.save()
    return user


def _draft(demo_poll: DemoPoll) -> PollDraft:
    now = database_now(router.db_for_write(Poll))
    fields: dict[str, Any] = {
        "title": demo_poll.title,
        "description": demo_poll.description,
        "opens_at": now + demo_poll.opens_in if demo_poll.opens_in else None,
        "expires_at": now + demo_poll.expires_in if demo_poll.expires_in else None,
        "metadata": {MARKER: True},
    }
    options = [OptionDraft(text, capacity=demo_poll.places) for text in demo_poll.options]
    return PollDraft({**fields, **demo_poll.rules}, options)


def _voters(poll: Poll, count: int, users: Users, generator: random.Random) -> Iterator[Voter]:
    """Yield that many voters of the poll's kind. Guests' addresses are from the range reserved for documentation."""
    for number in range(count):
        if poll.electorate == Electorate.USERS:
            yield Voter.from_user(users[VOTERS[number]])
        elif poll.guest_identity == GuestIdentity.COOKIE:
            yield Voter.from_token(generator.randbytes(16))
        else:
            yield Voter.from_address(f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::/64", poll)


def _ballot(poll: Poll, popularity: Mapping[int, int], generator: random.Random) -> Ballot:
    """Return a ballot of the poll's method by somebody whose order of the options is drawn by their popularity.

    Source of the order: the keys of Efraimidis and Spirakis (2006).
    """
    keys = {option_id: generator.random() ** (1 / weight) for option_id, weight in popularity.items()}
    order = sorted(keys, key=keys.__getitem__, reverse=True)
    return BALLOTS.get(poll.method, _choice)(poll, order, generator)


def _choice(poll: Poll, order: Sequence[int], generator: random.Random) -> Ballot:
    most = poll.max_options or len(order) if poll.method == "approval" else 1
    return Ballot.of(*order[: generator.randint(1, most)])


def _ranking(_poll: Poll, order: Sequence[int], generator: random.Random) -> Ballot:
    """Return a ranking: half of all voters rank every option, and the others stop somewhere."""
    places = generator.choice((len(order), generator.randint(1, len(order))))
    return ballot_of([(option_id,) for option_id in order[:places]])


def _scores(poll: Poll, order: Sequence[int], generator: random.Random) -> Ballot:
    """Return scores that fall along the order; now and then the last option has none."""
    scores = sorted((generator.randint(poll.min_score, poll.max_score) for _option in order), reverse=True)
    scored = order[: len(order) - generator.choice((0, 0, 0, 1))]
    return _scored(dict(zip(scored, scores, strict=False)))


def _dots(poll: Poll, order: Sequence[int], generator: random.Random) -> Ballot:
    """Return points dealt out among the first few options of the order, no more on one than it may have."""
    dealt = Counter(generator.choices(order[: generator.randint(1, 3)], k=poll.points or 1))
    most = poll.max_points or dealt.total()
    return _scored({option_id: min(points, most) for option_id, points in dealt.items()})


def _scored(scores: Mapping[int, int]) -> Ballot:
    return Ballot(tuple(Mark(option_id, score=Decimal(score)) for option_id, score in scores.items()))


BALLOTS: Mapping[str, Callable[[Poll, Sequence[int], random.Random], Ballot]] = {
    "ranked": _ranking,
    "score": _scores,
    "dots": _dots,
}


def _close(poll: Poll, demo_poll: DemoPoll) -> None:
    if demo_poll.close is Close.BY_HAND:
        close_poll(poll, closed_by=poll.created_by, reason=demo_poll.close_reason)
    elif demo_poll.close is Close.BY_DEADLINE:
        using = router.db_for_write(Poll)
        # No verb moves a deadline to now; the votes must be in time, and the demo cannot wait for a day.
        Poll.objects.using(using).filter(pk=poll.pk).update(expires_at=database_now(using))
        finalise(poll)
