"""Recount polls from their votes, name every difference from what is stored, and rebuild what is derived."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from django.db import router, transaction
from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from django_polls import statements
from django_polls.conf import voting_methods
from django_polls.exceptions import Conflict, InvalidBallot, PollNotFound
from django_polls.methods.ballots import WORDS, CountedBallot, Word
from django_polls.methods.ballots import Ballot as BallotValue
from django_polls.methods.ballots import Mark as MarkValue
from django_polls.methods.base import VotingMethod
from django_polls.methods.counting import check_ballot, count_ballots
from django_polls.methods.outcomes import Outcome
from django_polls.methods.rules import Rules
from django_polls.models import Ballot, LedgerEntry, Mark, Poll, PollOption, PollOutcome, Vote, VoteReason
from django_polls.models.counting import Reasons
from django_polls.models.polls import Status
from django_polls.models.text import comparison_key
from django_polls.models.votes import OTHER_WEIGHT, votes_of_ballot
from django_polls.transactions import retried

ATTEMPTS = 3
# Ballots read at a time: memory stays the same, however many there are.
PAGE = 5_000
BEFORE_ALL = -(2**63)

# Where a row's parent is to be found; nothing but the database's constraints holds that it exists.
PARENTS: Sequence[tuple[type[Model], str, type[Model]]] = (
    (PollOption, "poll", Poll),
    (PollOutcome, "poll", Poll),
    (Ballot, "poll", Poll),
    (Vote, "poll", Poll),
    (VoteReason, "vote", Vote),
    (Mark, "ballot", Ballot),
    (LedgerEntry, "ballot", Ballot),
)


class Kind(Enum):
    """What can be done about a finding."""

    DERIVED = auto()
    """A figure that `rebuild` derives from the votes again."""

    RECORD = auto()
    """A row that nothing else tells the right value of: a person must look."""

    REMARK = auto()
    """Worth a look, and no difference."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be, in one line. `poll_id` is None for a row that belongs to no poll."""

    poll_id: UUID | None
    sentence: str
    kind: Kind = Kind.RECORD

    def __str__(self) -> str:
        return self.sentence if self.poll_id is None else f"poll {self.poll_id}: {self.sentence}"


class VotesWithoutBallot(Conflict):
    """The number of votes of the poll's ballots cannot be told from its votes."""

    code = "votes_without_ballot"
    message = "Some votes of this poll have no ballot: its counts cannot be derived from them."


class _Row(NamedTuple):
    """A stored ballot with what is counted for it: compacted, with the ledger, and by its votes."""

    id: int
    key: str
    body: str
    counted: int
    vote_count: int
    votes: int
    weight: Decimal | None


class _Read(NamedTuple):
    """A ballot with the value that its marks make."""

    row: _Row
    value: BallotValue
    body: str


@dataclass(frozen=True, slots=True)
class _Case:
    """A poll that is being checked, with what its method knows of it; no method where nobody can count it."""

    poll: Poll
    rules: Rules
    method: VotingMethod | None
    using: str
    weights: Sequence[Decimal] = ()

    def finding(self, sentence: str, kind: Kind = Kind.RECORD) -> Finding:
        return Finding(self.poll.pk, sentence, kind)


def findings_of(poll_id: UUID) -> list[Finding]:
    """Return everything that is not as it should be in one poll; nothing for a poll that is gone.

    It reads every vote of the poll in the database and none into this process; voters need not stop meanwhile.
    """
    using = router.db_for_write(Vote)
    found: list[Finding] = []
    for _attempt in range(ATTEMPTS):
        poll = _loaded(poll_id, using)
        if poll is None:
            return []
        found = list(_findings(_case(poll, using)))
        # What an edit changed between two statements is no difference.
        if not found or Poll.objects.using(using).filter(pk=poll_id, revision=poll.revision).exists():
            break
    return found


def _case(poll: Poll, using: str) -> _Case:
    method = voting_methods().get(poll.method)
    if method is None or not poll.is_countable:
        return _Case(poll, Rules(()), None, using)
    rules = poll.final_rules if poll.status == Status.CLOSED else poll.rules
    # Those of ballots that were left have no part in the measure that is counted in.
    weights = Ballot.objects.using(using).filter(poll_id=poll.pk, votes__isnull=False).other_weights()
    return _Case(poll, rules, method, using, weights)


def strays() -> Iterator[Finding]:
    """Yield the rows whose poll or ballot does not exist."""
    using = router.db_for_write(Vote)
    for model, field, parent in PARENTS:
        known: QuerySet[Model] = QuerySet(parent).filter(pk=OuterRef(f"{field}_id"))
        children: QuerySet[Model] = QuerySet(model).using(using)
        for pk, missing in children.filter(~Exists(known)).values_list("pk", f"{field}_id").iterator():
            yield Finding(None, f"{model._meta.verbose_name} {pk}: its {field} {missing} does not exist")


def rebuild(poll_id: UUID) -> None:
    """Derive the poll's counts from its votes again, exact whoever votes meanwhile; no vote is touched.

    Raises PollNotFound, or VotesWithoutBallot where the counts are all that is left of some choices.
    """
    using = router.db_for_write(Vote)
    retried(lambda: _rebuild(poll_id, using), using)


def _rebuild(poll_id: UUID, using: str) -> None:
    with transaction.atomic(using=using):
        if statements.held_poll(poll_id, using, exclusively=True) is None:
            raise PollNotFound
        if Vote.objects.using(using).filter(poll_id=poll_id, ballot=None).exists():
            raise VotesWithoutBallot
        # Ledger first and ballots then, as a compactor does, which may be at it now.
        LedgerEntry.objects.using(using).filter(ballot__poll_id=poll_id).delete()
        Ballot.objects.using(using).filter(poll_id=poll_id).update(counted=_votes())


def _loaded(poll_id: UUID, using: str) -> Poll | None:
    polls = Poll.objects.using(using).with_clock().select_related("stored_outcome").prefetch_related("options")
    return polls.filter(pk=poll_id).first()


def _votes() -> Coalesce:
    """Return the number of votes that point at a ballot of their own poll: the recount."""
    votes = Vote.objects.filter(ballot=OuterRef("pk"), poll=OuterRef("poll")).order_by().values("ballot")
    return Coalesce(Subquery(votes.values(votes=Count("pk"))), 0)


def _findings(case: _Case) -> Iterator[Finding]:
    yield from _option_findings(case)
    yield from _ballot_findings(case)
    yield from _mark_findings(case)
    yield from _vote_findings(case)
    yield from _cap_findings(case)
    yield from _reason_findings(case)


def _option_findings(case: _Case) -> Iterator[Finding]:
    options = list(case.poll.options.all())
    for option in options:
        if option.text_key != comparison_key(option.text):
            yield case.finding(f"option {option.pk}: its key is not that of its text")
    if len(options) < 2 and not case.poll.is_draft:
        yield case.finding("it has fewer than two options", Kind.REMARK)


def _ballot_findings(case: _Case) -> Iterator[Finding]:
    """Check each ballot, and on the way the stored outcome: its method takes the ballots as they are read."""
    found: list[Finding] = []
    ballots = _checked(case, found)
    stored: PollOutcome | None = getattr(case.poll, "stored_outcome", None)
    if case.method is None:
        reason = "does not fit its rules" if case.poll.method in voting_methods() else "is not registered"
        found.append(case.finding(f"its method {case.poll.method} {reason}, so nobody can count it"))
    elif stored is not None:
        found += _outcome_findings(case, stored, count_ballots(case.method, ballots, case.rules, case.weights))
    # Whatever the method has not asked for is checked all the same.
    for _ballot in ballots:
        pass
    yield from found


def _checked(case: _Case, found: list[Finding]) -> Iterator[CountedBallot]:
    """Yield the recount of each ballot, and add what is wrong with it to `found`."""
    for read in _ballots(case):
        found += _count_findings(case, read.row)
        found += _content_findings(case, read)
        if read.row.votes:
            found += _rule_findings(case, read)
            yield CountedBallot(read.body, read.row.votes, read.row.weight)


def _ballots(case: _Case) -> Iterator[_Read]:
    ballots = Ballot.objects.using(case.using).filter(poll_id=case.poll.pk).order_by("pk")
    columns = ballots.annotate(vote_count=votes_of_ballot(), votes_cast=_votes(), heavier=OTHER_WEIGHT).values_list(
        "pk", "key", "body", "counted", "vote_count", "votes_cast", "heavier"
    )
    after = BEFORE_ALL
    while page := [_Row(*row) for row in columns.filter(pk__gt=after)[:PAGE]]:
        marks = _marks([row.id for row in page], case.using)
        for row in page:
            is_word = row.body in WORDS and not marks[row.id]
            value = BallotValue(word=Word(row.body)) if is_word else BallotValue(tuple(marks[row.id]))
            yield _Read(row, value, value.body)
        after = page[-1].id


def _cap_findings(case: _Case) -> Iterator[Finding]:
    """Check that neither the poll nor an option has more votes than it takes."""
    votes = Vote.objects.using(case.using).filter(poll_id=case.poll.pk).order_by()
    if case.poll.max_votes is not None and (number := votes.count()) > case.poll.max_votes:
        yield case.finding(f"it has {number} votes, and takes {case.poll.max_votes}")
    for option in case.poll.options.all():
        if option.capacity is not None:
            number = votes.filter(ballot__marks__option=option.pk).count()
            if number > option.capacity:
                yield case.finding(f"option {option.pk}: it has {number} votes, and takes {option.capacity}")


def _reason_findings(case: _Case) -> Iterator[Finding]:
    """Check that reasons are where the poll wants them, and nowhere else."""
    votes = Vote.objects.using(case.using).filter(poll_id=case.poll.pk).order_by("pk")
    if case.poll.reasons == Reasons.OFF:
        for pk in votes.exclude(reason=None).values_list("pk", flat=True).iterator():
            yield case.finding(f"vote {pk}: it has a reason, and the poll takes none")
    elif case.method is not None and case.poll.reasons != Reasons.OPTIONAL:
        silent = votes.filter(reason=None, ballot__isnull=False).values_list("pk", "ballot__body")
        for pk, body in silent.iterator():
            value = BallotValue.from_body(body)
            if case.poll.reasons == Reasons.REQUIRED or case.method.objects(value, case.rules):
                yield case.finding(f"vote {pk}: it has no reason, which the poll requires")


def _marks(ballot_ids: Sequence[int], using: str) -> Mapping[int, Sequence[MarkValue]]:
    stored = Mark.objects.using(using).filter(ballot_id__in=ballot_ids).order_by("ballot_id", "option_id")
    marks: defaultdict[int, list[MarkValue]] = defaultdict(list)
    for ballot_id, option_id, rank, score in stored.values_list("ballot_id", "option_id", "rank", "score"):
        marks[ballot_id].append(MarkValue(option_id, rank, score))
    return marks


def _count_findings(case: _Case, row: _Row) -> Iterator[Finding]:
    if row.counted < 0:
        yield case.finding(f"ballot {row.id}: counted is {row.counted}", Kind.DERIVED)
    if row.vote_count != row.votes:
        ledger = row.vote_count - row.counted
        figures = f"counted {row.counted} and ledger {ledger:+d} make {row.vote_count}, its votes are {row.votes}"
        yield case.finding(f"ballot {row.id}: {figures}", Kind.DERIVED)


def _content_findings(case: _Case, read: _Read) -> Iterator[Finding]:
    row = read.row
    if row.key != sha256(row.body.encode()).hexdigest():
        yield case.finding(f"ballot {row.id}: its key is not the SHA-256 of its body")
    if row.body != read.body:
        yield case.finding(f'ballot {row.id}: its body is "{row.body}", its marks make "{read.body}"')


def _rule_findings(case: _Case, read: _Read) -> Iterator[Finding]:
    """Check a ballot that has votes: one that nobody chose may be older than the last edit."""
    try:
        if case.method is not None:
            check_ballot(case.method, read.value, case.rules)
    except InvalidBallot as refusal:
        yield case.finding(f"ballot {read.row.id}: it has votes, and breaks the poll's rules: {refusal.code}")


def _mark_findings(case: _Case) -> Iterator[Finding]:
    marks = Mark.objects.using(case.using).filter(ballot__poll_id=case.poll.pk).order_by("ballot_id", "option_id")
    own = PollOption.objects.filter(pk=OuterRef("option_id"), poll=OuterRef("ballot__poll_id"))
    for ballot_id, option_id in marks.filter(~Exists(own)).values_list("ballot_id", "option_id").iterator():
        yield case.finding(f"ballot {ballot_id}: it marks option {option_id}, which is not of this poll")
    elsewhere = marks.exclude(poll=case.poll.pk).values_list("ballot_id", "option_id", "poll_id")
    for ballot_id, option_id, poll_id in elsewhere.iterator():
        yield case.finding(f"ballot {ballot_id}: its mark of option {option_id} stands under poll {poll_id}")


def _outcome_findings(case: _Case, stored: PollOutcome, recount: Outcome) -> Iterator[Finding]:
    if case.poll.status != Status.CLOSED:
        yield case.finding("its outcome is stored, though it is not closed")
    if stored.body == recount.to_json():
        return
    if (version := _version(stored)) not in {recount.version, None}:
        sentence = (
            f"its outcome was counted by version {version} of its method, so version {recount.version} cannot say"
        )
        yield case.finding(sentence, Kind.REMARK)
    else:
        yield case.finding(f"its stored outcome is {stored.body}, the recount {recount.to_json()}")


def _version(stored: PollOutcome) -> int | None:
    """Return the version of the method that counted, None where the body is no outcome."""
    try:
        return stored.outcome.version
    except (ValueError, TypeError, KeyError):
        return None


def _vote_findings(case: _Case) -> Iterator[Finding]:
    votes = Vote.objects.using(case.using).filter(poll_id=case.poll.pk).order_by()
    if case.poll.is_draft and votes.exists():
        yield case.finding("it is a draft, and has votes")
    ballots = Ballot.objects.filter(pk=OuterRef("ballot_id"), poll=OuterRef("poll_id"))
    # The ballot is not named: whoever reads this may also see whose vote it is.
    for pk in votes.filter(~Exists(ballots)).values_list("pk", flat=True).iterator():
        yield case.finding(f"vote {pk}: it has no ballot of this poll")
    # Votes and a close by hand may fall on one tick of the clock; `expires_at` itself is never in time.
    late = Q(cast_at__gte=F("poll__expires_at")) | Q(cast_at__gt=F("poll__closed_at"))
    untimely = votes.filter(late | Q(cast_at__lt=F("poll__opens_at")) | Q(cast_at=None))
    for pk, cast_at in untimely.values_list("pk", "cast_at").iterator():
        when = "at no time" if cast_at is None else f"at {cast_at.isoformat()}, when the poll was not open"
        yield case.finding(f"vote {pk}: it was cast {when}")
