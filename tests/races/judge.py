"""The judge: compares what clients were told with what the database holds, and every count with a recount of the votes.

The laws are numbered as clients see them. L1: an acknowledged vote stands as acknowledged. L2: a voter has at most one.
L3: a refusal left nothing. L4: what was unknown, sent again, was acknowledged. L5: every count equals the recount.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from django_polls.exceptions import AlreadyVoted
from django_polls.methods.ballots import WORDS, CountedBallot
from django_polls.methods.ballots import Mark as MarkValue
from django_polls.methods.counting import count_ballots
from django_polls.methods.outcomes import Outcome
from django_polls.models import Mark, Poll, Vote
from django_polls.models.polls import Status
from django_polls.results import outcome_of


class Answer(Enum):
    """What a client learnt of its request."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request of a client: the ballot's canonical body, empty for a withdrawal, and the answer with its code."""

    voter_key: UUID
    body: str
    answer: Answer
    code: str = ""


def recount(poll: Poll) -> Outcome:
    """Count the poll from its votes alone, which no other count does."""
    cast = Counter(Vote.objects.filter(poll=poll).values_list("ballot__body", "ballot__weight"))
    ballots = [
        CountedBallot(str(body), votes, None if weight == 1 else weight) for (body, weight), votes in cast.items()
    ]
    now = Poll.objects.prefetch_related("options").get(pk=poll.pk)
    rules = now.final_rules if now.status == Status.CLOSED else now.rules
    return count_ballots(now.voting_method, ballots, rules, [weight for _body, weight in cast])


def miscounts(poll: Poll) -> list[str]:
    """Return every count that differs from the recount (L5), and every voter with more votes than one (L2)."""
    fresh = Poll.objects.prefetch_related("options").get(pk=poll.pk)
    recounted, shown = recount(fresh), outcome_of(fresh)
    found = [] if shown == recounted else [f"L5: the outcome is {shown.to_json()}, the recount {recounted.to_json()}"]
    by_option = {option.pk: option.vote_count for option in fresh.options.all()}
    told = {pk: votes for pk, votes in recounted.option_votes.items() if votes is not None and recounted.weight is None}
    if told and by_option != told:
        found.append(f"L5: the options count {by_option}, the recount {recounted.option_votes}")
    voters = Counter(Vote.objects.filter(poll=poll).values_list("voter_key", flat=True))
    found += [f"L2: {votes} votes of {key}" for key, votes in voters.items() if votes > 1]
    return found + misprinted(poll)


def misprinted(poll: Poll) -> list[str]:
    """Return every stored ballot whose marks are not what its body says."""
    marked: dict[str, set[str]] = {body: set() for body in poll.ballots.values_list("body", flat=True)}
    found = Mark.objects.filter(ballot__poll=poll).values_list("ballot__body", "option_id", "rank", "score")
    for body, option_id, rank, score in found:
        marked[body].add(str(MarkValue(option_id, rank, score)))
    words = [body for body, marks in marked.items() if body in WORDS and not marks]
    return [
        f"ballot {body!r} marks {marks}"
        for body, marks in marked.items()
        if set(body.split()) != marks and body not in words
    ]


def broken_promises(poll: Poll, history: Iterable[Attempt]) -> list[str]:
    """Return where the votes that stand are not what their voters were told.

    The history holds each voter's requests in order, made one after another.
    """
    standing: dict[UUID, list[str]] = defaultdict(list)
    for key, body in Vote.objects.filter(poll=poll).values_list("voter_key", "ballot__body"):
        standing[key].append(str(body))
    by_voter: dict[UUID, list[Attempt]] = defaultdict(list)
    for attempt in history:
        by_voter[attempt.voter_key].append(attempt)
    strangers = [f"L3: a vote of {key}, who asked for none" for key in standing.keys() - by_voter.keys()]
    return strangers + [
        fault for key, attempts in by_voter.items() for fault in _broken(key, attempts, standing.get(key, []))
    ]


def _broken(key: UUID, attempts: Sequence[Attempt], standing: Sequence[str]) -> list[str]:
    """Return the faults of one voter's story, of whom these ballots stand."""
    told = _told(attempts)
    if attempts[-1].answer is Answer.UNKNOWN:
        return [f"L4: {key} was never told"]
    if list(standing) != told:
        return [f"L1, L3: of {key} stand {list(standing)}, who was told {told}"]
    wrongly = [attempt for number, attempt in enumerate(attempts) if _is_wrongly_refused(attempt, attempts[:number])]
    return [f"L3: {key} was refused {attempt.body} with {attempt.code}, having no vote" for attempt in wrongly]


def _told(attempts: Sequence[Attempt]) -> list[str]:
    """Return the ballots that stand by the last word that the voter was given."""
    acknowledged = [attempt.body for attempt in attempts if attempt.answer is Answer.ACKNOWLEDGED]
    return [body for body in acknowledged[-1:] if body]


def _is_wrongly_refused(attempt: Attempt, before: Sequence[Attempt]) -> bool:
    """Whether a voter was told of a vote already cast, whose requests so far cannot have cast one."""
    may_have_cast = any(earlier.answer is not Answer.REFUSED for earlier in before)
    return attempt.code == AlreadyVoted.code and not may_have_cast
