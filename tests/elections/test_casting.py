"""Casting elections: which ballots a poll can express, and that an import resumes to the exact total."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest
from django.db import OperationalError, connection
from django.test import override_settings

from django_polls import lifecycle
from django_polls.elections.casting import Counting, Pile, cast_piles, piles_for, poll_of
from django_polls.elections.files import Election, UnreadableElection, read_election
from django_polls.exceptions import InvalidPoll, MethodUnavailable, NotEligible, PollClosed, TooFewOptions, TryAgain
from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot, Mark
from django_polls.methods.outcomes import Exact
from django_polls.methods.rankings import ballot_of
from django_polls.models import Poll, Vote
from django_polls.policies import Policy
from django_polls.results import outcome_of
from django_polls.voting import cast_vote
from tests.elections.files import APPROVAL, RANKED, SCORES, many_ballots, write_csv, write_json
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Interrupting(Policy):
    """A site's policy in which somebody presses Ctrl-C at the 1,050th vote that it is asked about."""

    asked = 0

    def may_vote(self, voter: Voter, poll: Poll) -> bool:
        Interrupting.asked += 1
        if Interrupting.asked == 1_050:
            raise KeyboardInterrupt
        return super().may_vote(voter, poll)


class Disconnecting(Policy):
    """A site's policy under which an administrator ends the connection at the 1,050th vote."""

    asked = 0

    def may_vote(self, voter: Voter, poll: Poll) -> bool:
        Disconnecting.asked += 1
        if Disconnecting.asked == 1_050:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return super().may_vote(voter, poll)


class Busy(Policy):
    """A site's policy that reads a database which is always locked."""

    asked = 0

    def may_vote(self, voter: Voter, poll: Poll) -> bool:
        Busy.asked += 1
        raise OperationalError("database is locked")


class OnlyImported(Policy):
    """A site's policy that keeps visitors out of polls which leave it to the site."""

    def is_elector(self, voter: Voter, poll: Poll) -> bool:
        return voter.user is None and voter.guest is None


def cast(election: Election, poll: Poll) -> list[int]:
    """Cast the election, and return how many ballots each step reported."""
    done: list[int] = []
    cast_piles(piles_for(election, poll), poll, election.digest, advance=done.append)
    return done


def votes_by_text(poll: Poll) -> dict[str, Exact | None]:
    votes = outcome_of(poll).option_votes
    return {option.text: votes[option.pk] for option in poll.options.all()}


def fault_of(election: Election, counting: Counting) -> Mapping[str, Sequence[str]]:
    """Return why no poll is made for the election, by the field at fault."""
    with pytest.raises(InvalidPoll) as caught:
        poll_of(election, "Fruit", counting)
    return caught.value.errors


def recount(poll: Poll) -> int:
    return Vote.objects.filter(poll=poll).count()


def test_poll_of_makes_the_poll_once_for_each_method(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "Fig,Plum\nPlum\n")
    single, approval = read_election(path), read_election(path, "approval")

    first, again, other = poll_of(single, "Fruit"), poll_of(single, "Other"), poll_of(approval, "Fruit")

    assert (first, first.title, first.method, other.method) == (again, "Fruit", "single", "approval")
    assert Poll.objects.count() == 2
    assert [option.text for option in first.options.all()] == ["Fig", "Plum"]
    assert first.metadata == {"imported_from": single.digest}


def test_poll_of_makes_a_poll_for_each_way_of_counting(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, RANKED), "ranked")
    ways = [Counting("irv"), Counting("schulze"), Counting("stv"), Counting("stv", 2)]

    polls = [poll_of(election, "Fruit", way) for way in ways]

    assert [(poll.method, poll.count, poll.seats) for poll in polls] == [
        ("ranked", "irv", 1),
        ("ranked", "schulze", 1),
        ("ranked", "stv", 1),
        ("ranked", "stv", 2),
    ]
    assert [poll_of(election, "Other", way) for way in ways] == polls
    assert poll_of(election, "Other") == polls[0]


@pytest.mark.parametrize(
    ("ballots", "min_options", "equal_ranks"),
    [
        ([[1, [["Fig"], ["Pear"]]], [1, [["Apple"]]]], 1, False),
        ([[1, [["Fig"], ["Pear"]]], [1, []]], 0, False),
        ([[1, [["Fig"], ["Pear", "Apple"]]]], 1, True),
    ],
)
def test_poll_of_rankings_takes_every_ballot(
    tmp_path: Path, ballots: list[object], min_options: int, equal_ranks: bool
) -> None:
    path = write_json(tmp_path, RANKED | {"ballots": ballots, "n_ballots": len(ballots)})
    election = read_election(path, "ranked")

    poll = poll_of(election, "Fruit")

    assert (poll.min_options, poll.equal_ranks) == (min_options, equal_ranks)
    assert sum(len(pile.numbers) for pile in piles_for(election, poll)) == len(ballots)


def test_poll_of_scores_takes_every_ballot(tmp_path: Path) -> None:
    all_ballots = read_election(write_json(tmp_path, SCORES))
    filled_in = read_election(write_json(tmp_path, SCORES | {"ballots": SCORES["ballots"][:2], "n_ballots": 3}))

    polls = [poll_of(all_ballots, "Fruit", Counting("star")), poll_of(filled_in, "Fruit")]

    assert [(poll.method, poll.count, poll.min_options, poll.max_score) for poll in polls] == [
        ("score", "star", 0, 3),
        ("score", "sum", 1, 3),
    ]


def test_poll_of_an_impossible_count_is_refused(tmp_path: Path) -> None:
    path = write_json(tmp_path, RANKED)
    single, ranked = read_election(path), read_election(path, "ranked")
    ways = "irv, borda, schulze, ranked_pairs, copeland, stv, stv_meek"

    assert fault_of(ranked, Counting("star")) == {"count": [f'"ranked" is counted by {ways}, not by "star".']}
    assert fault_of(single, Counting("irv")) == {"count": ['"single" is counted in one way, not by "irv".']}
    assert fault_of(ranked, Counting("irv", 2)) == {"seats": ["One option wins under this method."]}
    assert fault_of(ranked, Counting("stv", 3)) == {"seats": ["Fewer options must win than there are."]}
    assert not Poll.objects.exists()


@override_settings(DJANGO_POLLS_METHODS=["django_polls.methods.approval.SingleChoice"])
def test_poll_of_a_method_that_the_site_has_not_is_refused(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, RANKED), "ranked")

    with pytest.raises(MethodUnavailable):
        poll_of(election, "Fruit")


def test_poll_of_passes_over_a_users_poll_that_claims_the_file(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, RANKED))
    claimed = PollFactory(metadata={"imported_from": election.digest}, created_by=UserFactory())

    assert poll_of(election, "Fruit") != claimed


def test_piles_for_single_choice_are_the_first_preferences(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, RANKED))
    poll = poll_of(election, "Fruit")
    apple, pear, _fig = (option.pk for option in poll.options.all())

    assert piles_for(election, poll) == [
        Pile(Ballot.of(apple), range(1, 4)),
        Pile(Ballot.of(pear), range(4, 6)),
        Pile(Ballot.of(apple), range(8, 9)),
    ]


def test_piles_for_approval_are_those_within_the_polls_limits(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, APPROVAL))
    options = [lifecycle.OptionDraft(text) for text in ("Fig", "Pear", "Apple", "Nut")]
    poll = lifecycle.create_poll(
        lifecycle.PollDraft({"title": "At most one", "method": "approval", "max_options": 1}, options)
    )
    pear = poll.options.get(text="Pear")

    assert piles_for(election, poll) == [Pile(Ballot.of(pear.pk), range(7, 8))]


def test_piles_for_rankings_are_all_their_groups(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, RANKED), "ranked")
    poll = poll_of(election, "Fruit")
    apple, pear, fig = (option.pk for option in poll.options.all())

    assert piles_for(election, poll) == [
        Pile(ballot_of([[apple], [pear]]), range(1, 4)),
        Pile(ballot_of([[pear]]), range(4, 6)),
        Pile(ballot_of([[apple, fig], [pear]]), range(6, 8)),
        Pile(ballot_of([[apple], [fig, pear]]), range(8, 9)),
        Pile(Ballot(), range(9, 10)),
    ]


def test_piles_for_rankings_are_those_within_the_polls_limits(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, RANKED), "ranked")
    options = [lifecycle.OptionDraft(text) for text in ("Apple", "Pear", "Fig")]
    poll = lifecycle.create_poll(lifecycle.PollDraft({"title": "Strict", "method": "ranked"}, options))

    assert [pile.numbers for pile in piles_for(election, poll)] == [range(1, 4), range(4, 6)]


def test_piles_for_scores_are_all_their_scores(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, SCORES))
    poll = poll_of(election, "Fruit")
    ids = [option.pk for option in poll.options.all()]
    scores = [((0, 3), (1, 0), (2, 1)), ((2, 3),), (), ((2, 2), (1, 2), (0, 2))]
    ballots = [Ballot(tuple(Mark(ids[place], score=Decimal(score)) for place, score in given)) for given in scores]

    numbers = [range(1, 3), range(3, 4), range(4, 6), range(6, 7)]
    assert piles_for(election, poll) == [*map(Pile, ballots, numbers)]


def test_piles_for_a_poll_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, RANKED))
    poll = PollFactory()

    with pytest.raises(UnreadableElection, match=r"^options: the poll has no option 'Apple'\.$"):
        piles_for(election, poll)
    poll.method = "approval"
    with pytest.raises(UnreadableElection, match=r'^method: the poll has "approval", these ballots need "single"\.$'):
        piles_for(election, poll)


def test_cast_piles_counts_every_ballot(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, APPROVAL))
    poll = poll_of(election, "Fruit")

    assert cast(election, poll) == [5]

    assert votes_by_text(poll) == {"Apple": 4, "Pear": 1, "Fig": 4}
    assert (recount(poll), poll.ballots.count()) == (5, 2)


@override_settings(DJANGO_POLLS_POLICY=f"{__name__}.OnlyImported")
def test_cast_piles_into_a_poll_that_visitors_may_not_vote_in(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, RANKED))
    poll = poll_of(election, "Fruit")
    lifecycle.edit_poll(poll, lifecycle.PollDraft({"electorate": "policy"}))

    cast(election, poll)
    with pytest.raises(NotEligible):
        cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(poll.options.get(text="Fig").pk))

    assert votes_by_text(poll) == {"Apple": 4, "Pear": 2, "Fig": 0}


def test_cast_piles_again_casts_nothing_even_once_the_poll_is_closed(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, RANKED))
    poll = poll_of(election, "Fruit")
    cast(election, poll)
    kept = list(Vote.objects.order_by("pk").values_list("pk", "voter_key", "ballot"))
    lifecycle.close_poll(poll)

    assert cast(election, poll) == [6]

    assert list(Vote.objects.order_by("pk").values_list("pk", "voter_key", "ballot")) == kept
    assert votes_by_text(poll) == {"Apple": 4, "Pear": 2, "Fig": 0}


def test_cast_piles_into_a_closed_poll_is_refused(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, RANKED))
    poll = poll_of(election, "Fruit")
    lifecycle.close_poll(poll)

    with pytest.raises(PollClosed):
        cast(election, poll)

    assert recount(poll) == 0


def test_cast_piles_leaves_no_part_of_a_batch(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, RANKED))
    poll = poll_of(election, "Fruit")
    first = poll.options.get(text="Apple")
    piles = [Pile(Ballot.of(first.pk), range(1, 3)), Pile(Ballot.of(), range(3, 4))]

    with pytest.raises(TooFewOptions):
        cast_piles(piles, poll, election.digest, advance=list[int]().append)

    assert (recount(poll), first.vote_count) == (0, 0)


def test_cast_piles_interrupted_resumes_to_the_exact_total(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, many_ballots(1_100)))
    poll = poll_of(election, "Many")
    Interrupting.asked = 0

    with override_settings(DJANGO_POLLS_POLICY=f"{__name__}.Interrupting"), pytest.raises(KeyboardInterrupt):
        cast(election, poll)
    stood = recount(poll)
    done = cast(election, poll)

    assert (stood, done) == (1_000, [1_000, 100])
    assert (recount(poll), votes_by_text(poll)) == (1_100, {"First": 734, "Second": 366})


@pytest.mark.postgres
def test_cast_piles_outlives_a_lost_connection(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, many_ballots(1_100)))
    poll = poll_of(election, "Many")
    Disconnecting.asked = 0

    with override_settings(DJANGO_POLLS_POLICY=f"{__name__}.Disconnecting"):
        done = cast(election, poll)

    assert done == [1_000, 100]
    assert (recount(poll), votes_by_text(poll)) == (1_100, {"First": 734, "Second": 366})


def test_cast_piles_gives_up_where_the_database_stays_busy(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, RANKED))
    poll = poll_of(election, "Fruit")
    Busy.asked = 0

    with override_settings(DJANGO_POLLS_POLICY=f"{__name__}.Busy"), pytest.raises(TryAgain):
        cast(election, poll)

    assert (Busy.asked, recount(poll)) == (4, 0)


def test_cast_piles_twice_at_once_counts_every_ballot_once(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, many_ballots(300)))
    poll = poll_of(election, "Many")
    reported: list[list[int]] = []

    def import_it() -> None:
        reported.append(cast(election, poll))
        connection.close()

    threads = [Thread(target=import_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert reported == [[300], [300]]
    assert (recount(poll), votes_by_text(poll)) == (300, {"First": 200, "Second": 100})
