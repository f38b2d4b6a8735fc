"""A poll's life as far as its counting, its places and its decision go: what is refused, fixed and copied."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import override_settings
from django.utils import translation

from django_polls import exceptions, lifecycle
from django_polls.identity import Voter
from django_polls.lifecycle import BINDING_FIELDS, COPIED_FIELDS, OptionDraft, PollDraft
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.counting import COUNTING_FIELDS, Reasons
from django_polls.models.polls import Electorate, Until, Visibility
from django_polls.voting import cast_vote
from tests.factories import PollFactory
from tests.ways import Way, each_way

pytestmark = pytest.mark.django_db

THREE = tuple(OptionDraft(text) for text in "abc")


def vote(poll: Poll, place: int = 0) -> None:
    cast_vote(poll, Voter(uuid4()), Ballot.of(poll.options.all()[place].pk))


def create(options: tuple[OptionDraft, ...] | None = THREE, **fields: object) -> Poll:
    return lifecycle.create_poll(PollDraft({"title": "Poll", **fields}, options))


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"count": "borda"}, ["count"]),
        ({"seats": 2}, ["seats"]),
        ({"seats": 0}, ["seats"]),
        ({"method": "ranked", "count": "sum"}, ["count"]),
        ({"method": "ranked", "count": "irv", "seats": 2}, ["seats"]),
        ({"method": "ranked", "count": "stv", "seats": 3}, ["seats"]),
        ({"method": "ranked", "count": "stv", "seats": 2, "pass_threshold": "1/2"}, ["pass_threshold"]),
        ({"method": "ranked", "max_ranks": 1, "min_options": 2}, ["max_ranks"]),
        ({"method": "ranked", "max_options": 2}, ["max_options"]),
        ({"method": "score", "max_options": 2}, ["max_options"]),
        ({"method": "dots", "points": 3, "max_options": 2}, ["max_options"]),
        ({"method": "ranked", "quota": "imperiali"}, ["quota"]),
        ({"method": "score", "min_score": 5}, ["max_score"]),
        ({"method": "score", "max_score": 101}, ["max_score"]),
        ({"method": "score", "grades": "good"}, ["grades"]),
        ({"method": "score", "grades": "a\nb\nc\nd\ne\nnul \x00"}, ["grades"]),
        ({"method": "dots"}, ["points"]),
        ({"method": "dots", "points": 0}, ["points"]),
        ({"method": "dots", "points": 9, "max_points": 2, "must_spend_all": True}, ["max_points"]),
        ({"method": "dots", "points": 1, "min_options": 2}, ["min_options"]),
        ({"method": "yes_no"}, ["options"]),
        ({"reasons": Reasons.OPTIONAL}, ["reasons"]),
        ({"reasons": "sometimes"}, ["reasons"]),
        ({"quorum": 0}, ["quorum"]),
        ({"quorum": 1, "quorum_share": "1/2"}, ["quorum_share"]),
        ({"quorum_share": "3/2"}, ["quorum_share"]),
        ({"quorum_share": "1/2"}, ["quorum_share"]),
        ({"quorum_share": "1/2", "electorate": Electorate.USERS}, ["quorum_share"]),
        ({"pass_threshold": "0"}, ["pass_threshold"]),
        ({"max_votes": 0}, ["max_votes"]),
        ({"final_ties": "coin"}, ["final_ties"]),
        ({"tie_seed": b"chosen"}, ["tie_seed"]),
        ({"electorate_size": 1}, ["electorate_size"]),
        ({"method": "ranked", "count": "sum", "seats": 2, "reasons": Reasons.OPTIONAL}, ["count", "seats", "reasons"]),
    ],
)
def test_create_poll_names_what_its_method_cannot_count(fields: dict[str, Any], at_fault: list[str]) -> None:
    with pytest.raises(exceptions.InvalidPoll) as refusal:
        create(**fields)

    assert list(refusal.value.errors) == at_fault
    assert Poll.objects.count() == 0


def test_poll_that_cannot_be_counted_is_not_opened() -> None:
    draft = PollFactory(is_draft=True, method="dots")

    with pytest.raises(exceptions.InvalidPoll) as refusal:
        lifecycle.open_poll(draft)

    assert refusal.value.errors == {"points": ["Say how many points each voter has."]}


@override_settings(DJANGO_POLLS_MAX_OPTIONS=2)
def test_ranked_poll_keeps_to_the_number_of_options_of_all_too() -> None:
    for method in ("ranked", "single"):
        with pytest.raises(exceptions.InvalidPoll) as refusal:
            create(method=method)
        assert refusal.value.errors == {"options": ["A poll has at most 2 options."]}


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"method": "score", "min_score": 10**14, "max_score": 10**14 + 5}, {"min_score", "max_score"}),
        ({"method": "dots", "points": 40_000}, {"points"}),
        ({"method": "dots", "points": 5, "max_points": 10**15}, {"max_points"}),
        ({"quorum": 2**31}, {"quorum"}),
        ({"max_votes": 10**17}, {"max_votes"}),
    ],
)
def test_numbers_that_some_database_cannot_keep_are_refused_by_all(fields: dict[str, Any], at_fault: set[str]) -> None:
    with pytest.raises(exceptions.InvalidPoll) as refusal:
        create(**fields)

    assert set(refusal.value.errors) == at_fault
    assert at_fault <= Poll(**fields).counting_faults().keys()


@override_settings(DJANGO_POLLS_MAX_RANKED_OPTIONS=2)
def test_ranked_poll_keeps_to_a_number_of_options_of_its_own() -> None:
    with pytest.raises(exceptions.InvalidPoll) as refusal:
        create(method="ranked")
    create(method="ranked", options=THREE[:2])
    create(method="score")

    assert refusal.value.errors == {"options": ["A poll has at most 2 options."]}


@pytest.mark.parametrize("method", ["single", "approval", "ranked", "score", "dots", "yes_no"])
def test_places_are_for_methods_whose_marks_take_one(method: str) -> None:
    fields = {"method": method} | ({"points": 3} if method == "dots" else {})
    texts = "abcd" if method == "yes_no" else "abc"
    options = tuple(OptionDraft(text, capacity=2) for text in texts)

    if method in {"single", "approval"}:
        poll = create(options, **fields)
        assert [option.capacity for option in poll.options.all()] == [2, 2, 2]
    else:
        with pytest.raises(exceptions.InvalidPoll) as refusal:
            create(options, **fields)
        assert refusal.value.errors == {"options": ["Under this method an option has no places that could be taken."]}


def test_option_without_a_place_is_refused() -> None:
    with pytest.raises(exceptions.InvalidPoll) as refusal:
        create((OptionDraft("a", capacity=0), OptionDraft("b")))

    assert refusal.value.errors == {"options": ["This must be at least 1."]}


def test_proposal_gets_its_four_answers_in_the_language_in_use() -> None:
    with translation.override("en"):
        poll = create(None, method="yes_no", reasons=Reasons.REQUIRED_FOR_DISAGREE)

    assert [option.text for option in poll.options.all()] == ["Agree", "Disagree", "Abstain", "Block"]
    with pytest.raises(exceptions.InvalidPoll) as refusal:
        create(None)
    assert list(refusal.value.errors) == ["options"]


def test_poll_of_a_method_that_there_is_not_has_no_answers_of_its_own() -> None:
    with pytest.raises(exceptions.InvalidPoll) as refusal:
        create(None, method="coin")

    assert list(refusal.value.errors) == ["method"]


def test_proposal_has_an_answer_that_abstains() -> None:
    for word in ("allows_abstention", "allows_none_of_these"):
        with pytest.raises(exceptions.InvalidPoll) as refusal:
            create(None, method="yes_no", **{word: True})
        assert list(refusal.value.errors) == [word]


BINDING: dict[str, object] = {
    "method": "approval",
    "count": "borda",
    "seats": 2,
    "quota": "hare",
    "unscored_is_zero": False,
    "quorum": 3,
    "quorum_share": "1/2",
    "pass_threshold": "2/3",
    "final_ties": "declare",
}


@pytest.mark.parametrize("name", sorted(BINDING_FIELDS))
def test_how_votes_become_an_outcome_is_fixed_when_the_poll_opens(name: str) -> None:
    poll = PollFactory()

    with pytest.raises(exceptions.PollFrozen) as refusal:
        lifecycle.edit_poll(poll, PollDraft({name: BINDING[name]}))

    assert refusal.value.params == {"fields": name}
    assert getattr(Poll.objects.get(pk=poll.pk), name) != BINDING[name]


def test_how_votes_become_an_outcome_may_change_before_the_poll_opens() -> None:
    draft = create(is_draft=True, method="ranked")
    changes = {"method": "ranked", "count": "stv", "seats": 2, "quota": "hare", "quorum": 3, "final_ties": "declare"}

    lifecycle.edit_poll(draft, PollDraft(changes))

    kept = Poll.objects.get(pk=draft.pk)
    assert {name: getattr(kept, name) for name in changes} == changes


@pytest.mark.parametrize(
    "fields",
    [
        {"max_votes": 5},
        {"max_options": 2},
        {"allows_abstention": True},
        {"allows_none_of_these": True},
        {"accepts_new_options": True},
    ],
)
def test_which_votes_are_taken_may_change_until_the_first_one(fields: dict[str, Any]) -> None:
    poll = PollFactory(method="approval", options=3)

    lifecycle.edit_poll(poll, PollDraft(fields))
    stored = [getattr(Poll.objects.get(pk=poll.pk), name) for name in fields]
    vote(poll)
    with pytest.raises(exceptions.PollFrozen) as refusal:
        lifecycle.edit_poll(poll, PollDraft({name: Poll._meta.get_field(name).get_default() for name in fields}))

    assert stored == list(fields.values())
    assert refusal.value.params == {"fields": ", ".join(fields)}


def capacities(poll: Poll) -> list[int | None]:
    return list(poll.options.values_list("capacity", flat=True))


def test_places_may_change_until_the_first_vote() -> None:
    poll = PollFactory()
    first, second = (option.pk for option in poll.options.all())
    options = [OptionDraft("Option 1", first, capacity=3), OptionDraft("Option 2", second)]

    lifecycle.edit_poll(poll, PollDraft(options=options))
    lifecycle.edit_poll(poll, PollDraft({"title": "Other"}))
    stored = capacities(poll)
    vote(poll)
    for capacity in (None, 2, 4):
        with pytest.raises(exceptions.PollFrozen) as refusal:
            lifecycle.edit_poll(poll, PollDraft(options=[OptionDraft("Option 1", first, capacity), options[1]]))
        assert refusal.value.params == {"fields": "options"}
    lifecycle.edit_poll(poll, PollDraft({"correction": "Note."}, options))

    assert (stored, capacities(poll)) == ([3, None], [3, None])


def test_option_added_after_the_first_vote_may_have_places() -> None:
    poll = create((OptionDraft("a", capacity=1), OptionDraft("b")), accepts_new_options=True)
    vote(poll)
    options = [OptionDraft(option.text, option.pk, option.capacity) for option in poll.options.all()]

    lifecycle.edit_poll(poll, PollDraft(options=[*options, OptionDraft("c", capacity=1)]))
    vote(poll, 2)
    for place in (0, 2):
        with pytest.raises(exceptions.OptionFull):
            vote(poll, place)

    assert capacities(poll) == [1, None, 1]


@each_way
def test_copy_of_a_poll_is_counted_as_the_poll_is(way: Way) -> None:
    poll, _ballots = way.open_poll(quorum=2)

    copy = lifecycle.copy_poll(poll)

    kept, opened = Poll.objects.get(pk=copy.pk), lifecycle.open_poll(copy)
    assert {name: getattr(kept, name) for name in COUNTING_FIELDS} == {
        name: getattr(poll, name) for name in COUNTING_FIELDS
    }
    assert [option.text for option in opened.options.all()] == [option.text for option in poll.options.all()]


def test_copy_takes_every_field_of_the_definition_and_no_fact_of_the_poll() -> None:
    group = Group.objects.create(name="board")
    fields = {
        "electorate": Electorate.GROUPS,
        "quorum_share": "1/2",
        "vote_change": Until.CLOSE,
        "visibility": Visibility.NEVER,
        "max_votes": 9,
        "metadata": {"room": 7},
    }
    options = [OptionDraft("a", capacity=2), OptionDraft("b")]
    poll = lifecycle.create_poll(PollDraft({"title": "Poll", **fields}, options, [group]))
    lifecycle.close_poll(poll)

    copy = Poll.objects.get(pk=lifecycle.copy_poll(poll).pk)

    assert {name: getattr(copy, name) for name in COPIED_FIELDS} == {
        name: getattr(poll, name) for name in COPIED_FIELDS
    }
    assert (capacities(copy), list(copy.groups.all())) == ([2, None], [group])
    assert (copy.electorate_size, copy.tie_seed == poll.tie_seed, copy.address_key == poll.address_key) == (
        None,
        False,
        False,
    )
    assert {"electorate_size", "tie_seed"}.isdisjoint(COPIED_FIELDS)


def test_every_field_that_counting_reads_is_bound_or_asked_of_the_ballots() -> None:
    of_the_ballots = {
        "min_options",
        "max_options",
        "max_ranks",
        "equal_ranks",
        "min_score",
        "max_score",
        "grades",
        "points",
        "max_points",
        "must_spend_all",
        "reasons",
        "allows_abstention",
        "allows_none_of_these",
        "max_votes",
    }

    assert set(COUNTING_FIELDS) == BINDING_FIELDS | of_the_ballots
    assert BINDING_FIELDS.isdisjoint(of_the_ballots)
