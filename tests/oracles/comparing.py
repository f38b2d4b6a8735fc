"""Comparing what two programs say of elections, down to the smallest one that they disagree on."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from operator import eq
from typing import Any

import pytest

from tests.oracles.elections import Election, election_of

Count = Callable[[Election], Any]
"""What a program says of an election; None where a rule that the other does not have would decide."""

Agree = Callable[[Any, Any], bool]

logger = logging.getLogger(__name__)


def compare(elections: Iterable[Election], ours: Count, theirs: Count, agree: Agree = eq) -> None:
    """Assert that both programs agree on every election, and that there is something to compare in half of them."""
    drawn = compared = 0
    for election in elections:
        said = ours(election), theirs(election)
        drawn += 1
        compared += None not in said
        if None not in said and not agree(*said):
            smallest = _smallest(election, lambda smaller: _disagree(smaller, ours, theirs, agree))
            pytest.fail(f"of {smallest} we say {ours(smallest)}, they say {theirs(smallest)}")
    logger.info("compared %d elections of %d", compared, drawn)
    assert 2 * compared >= drawn > 0


def _disagree(election: Election, ours: Count, theirs: Count, agree: Agree) -> bool:
    said = ours(election), theirs(election)
    return None not in said and not agree(*said)


def _smallest(election: Election, disagree: Callable[[Election], bool]) -> Election:
    """Return what is left when nothing more can be taken away from an election without ending the disagreement."""
    while smaller := next(filter(disagree, filter(_has_marks, _smaller(election))), None):
        election = smaller
    return election


def _has_marks(election: Election) -> bool:
    return any(paper for paper, _votes in election.papers)


def _smaller(election: Election) -> Iterator[Election]:
    papers = election.papers
    for option_id in election.option_ids if len(election.option_ids) > 2 else ():
        yield election.without(option_id)
    for index, (paper, votes) in enumerate(papers):
        yield replace(election, papers=papers[:index] + papers[index + 1 :])
        for fewer in sorted({1, votes // 2, votes - 1} - {0, votes}):
            yield replace(election, papers=(*papers[:index], (paper, fewer), *papers[index + 1 :]))
        for mark in paper:
            shorter = tuple(other for other in paper if other != mark)
            yield election_of(list(election.option_ids), [*papers[:index], (shorter, votes), *papers[index + 1 :]])
