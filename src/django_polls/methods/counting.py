"""What holds under every method: ballots without marks, weighted votes, the quorum and the verdict."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import lcm

from django_polls.exceptions import AbstentionNotAllowed, InvalidBallot, NoneOfTheseNotAllowed
from django_polls.methods.ballots import WORDS, Ballot, Tally, Word
from django_polls.methods.base import VotingMethod
from django_polls.methods.outcomes import Exact, OptionCount, OptionPoints, Outcome, Result, Round, Verdict, exact
from django_polls.methods.rules import Rules

Counted = tuple[str, int, Decimal | None]
"""A stored ballot as `CountedBallot` has it: a plain tuple is quicker to make."""

NOT_ALLOWED = {Word.ABSTAIN: AbstentionNotAllowed, Word.NONE_OF_THESE: NoneOfTheseNotAllowed}


def check_ballot(method: VotingMethod, ballot: Ballot, rules: Rules) -> None:
    """Raise a child of `InvalidBallot` unless a poll under these rules takes the ballot."""
    if ballot.word is None:
        method.check(ballot, rules)
    elif ballot.marks:
        raise InvalidBallot
    elif ballot.word not in rules.words:
        raise NOT_ALLOWED[ballot.word]


def count_ballots(
    method: VotingMethod, ballots: Iterable[Counted], rules: Rules, weights: Iterable[Decimal] = ()
) -> Outcome:
    """Return the outcome of stored ballots, which are read once, one by one.

    `weights` are those other than 1 that occur among them. The method counts whole numbers all the same: of the
    greatest measure in which every weight is a whole number.
    """
    return _Count(method, rules, lcm(*(Fraction(weight).denominator for weight in weights))).of(ballots)


class _Count:
    """One count, in units of which `unit` make a vote of weight 1."""

    def __init__(self, method: VotingMethod, rules: Rules, unit: int) -> None:
        self.method = method
        self.rules = rules
        self.unit = unit
        self.votes = 0
        self.is_weighted = False
        self.words: Counter[Word] = Counter()
        self.word_units: Counter[Word] = Counter()

    def of(self, ballots: Iterable[Counted]) -> Outcome:
        """Return the outcome."""
        tallies: Iterable[Tally] = self._tallies(ballots)
        if asks_for_share := self.rules.decision.pass_threshold is not None:
            tallies = list(tallies)
        outcome = self.method.count(tallies, self.rules)
        verdict = self._verdict(outcome, list(tallies) if asks_for_share else [])
        weight = exact(Fraction(outcome.votes, self.unit)) if self.is_weighted else None
        return replace(
            self._in_votes(outcome),
            votes=self.votes,
            abstentions=self.words[Word.ABSTAIN],
            none_of_these=self.words[Word.NONE_OF_THESE],
            weight=weight,
            verdict=verdict,
        )

    def _tallies(self, ballots: Iterable[Counted]) -> Iterator[Tally]:
        """Yield the ballots that mark options, and take note of the others; those without votes are left out."""
        plain, unit = 0, self.unit
        for body, votes, weight in ballots:
            if weight is None and votes and body not in WORDS:
                # Nearly all of them: whatever more was done for each would take as long as counting it.
                plain += votes
                yield Tally(body, votes * unit)
            elif votes:
                yield from self._tally(body, votes, weight)
        self.votes += plain

    def _tally(self, body: str, votes: int, weight: Decimal | None) -> Iterator[Tally]:
        self.votes += votes
        self.is_weighted = self.is_weighted or weight is not None
        units = int(votes * self.unit * Fraction(1 if weight is None else weight))
        if body in WORDS:
            self.words[Word(body)] += votes
            self.word_units[Word(body)] += units
        else:
            yield Tally(body, units)

    def _verdict(self, outcome: Outcome, tallies: list[Tally]) -> Verdict | None:
        decision = self.rules.decision
        if not (decision.is_needed or self.method.is_proposal):
            return None
        verdict = self._share(outcome, tallies)
        needed = decision.votes_needed
        if decision.quorum_share is not None and needed is None:
            return replace(verdict, result=Result.PENDING)
        if needed is not None and self.votes < needed:
            return replace(verdict, result=Result.NO_QUORUM, quorum=needed)
        return replace(verdict, quorum=needed)

    def _share(self, outcome: Outcome, tallies: list[Tally]) -> Verdict:
        """Return the verdict as it is without a quorum. Whoever wants none of the options votes against each."""
        adopts = self.method.adopts(outcome, self.rules)
        threshold = self.rules.decision.pass_threshold
        if threshold is None:
            return Verdict(Result.PASSED if adopts else Result.FAILED)
        if not outcome.winners:
            return Verdict(Result.FAILED, threshold=exact(threshold))
        votes, base = self.method.support(outcome, tallies, self.rules)
        base += self.word_units[Word.NONE_OF_THESE]
        return Verdict(
            Result.PASSED if adopts and votes >= threshold * base else Result.FAILED,
            support=self._exact(votes),
            base=self._exact(base),
            threshold=exact(threshold),
        )

    def _in_votes(self, outcome: Outcome) -> Outcome:
        """Return the outcome with its figures in votes of weight 1."""
        if self.unit == 1:
            return outcome
        are_votes = outcome.count not in self.method.ratios
        return replace(
            outcome,
            options=tuple(OptionCount(each.option_id, self._scaled(each.votes)) for each in outcome.options),
            points=self._points(outcome.points) if are_votes else outcome.points,
            rounds=tuple(map(self._round, outcome.rounds)),
            pairwise=tuple(tuple(map(self._exact, row)) for row in outcome.pairwise),
            strengths=tuple(tuple(map(self._exact, row)) for row in outcome.strengths),
            majorities=tuple(
                replace(each, votes=self._exact(each.votes), against=self._exact(each.against))
                for each in outcome.majorities
            ),
        )

    def _round(self, each: Round) -> Round:
        return replace(
            each,
            totals=self._points(each.totals),
            exhausted=self._exact(each.exhausted),
            quota=self._scaled(each.quota),
            transfers=tuple(replace(transfer, votes=self._exact(transfer.votes)) for transfer in each.transfers),
        )

    def _points(self, rows: Iterable[OptionPoints]) -> tuple[OptionPoints, ...]:
        return tuple(OptionPoints(row.option_id, self._exact(row.points)) for row in rows)

    def _scaled(self, figure: Exact | None) -> Exact | None:
        return None if figure is None else self._exact(figure)

    def _exact(self, figure: Exact | Fraction) -> Exact:
        return exact(Fraction(figure) / self.unit)
