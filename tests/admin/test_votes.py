"""The list of votes: who voted where and when, and nothing of what."""

from urllib.parse import urlencode

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from django_polls import lifecycle
from django_polls.identity import User, Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote
from django_polls.models.polls import PollQuerySet
from django_polls.policies import Policy
from django_polls.voting import cast_vote
from tests.admin.people import logged_in, staff, superuser, url, vote
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db


class Secretive(Policy):
    """A policy under which nobody sees a poll that is called secret."""

    def seen_by(self, user: User, polls: PollQuerySet) -> PollQuerySet:
        return polls.exclude(title="Secret")


def canary_poll() -> Poll:
    """Return a poll whose options are words that no page has by chance."""
    poll = PollFactory(options=0)
    drafts = [lifecycle.OptionDraft("Zanzibar"), lifecycle.OptionDraft("Ouagadougou")]
    return lifecycle.edit_poll(poll, lifecycle.PollDraft(options=drafts))


def test_votes_list_shows_who_and_when_and_not_what() -> None:
    poll = canary_poll()
    cast, user = vote(poll)
    client = logged_in(superuser())

    listed = client.get(url("vote_changelist"))
    shown = client.get(url("vote_change", cast.pk))

    for response in (listed, shown):
        page = response.content.decode()
        assert (response.status_code, user.username in page, poll.title in page) == (200, True, True)
        assert [word for word in ("Zanzibar", str(cast.ballot_id), cast.ballot.key) if word in page] == []
    assert [(row.poll, row.voter) for row in listed.context["cl"].result_list] == [(poll, user)]


def test_votes_list_finds_and_shows_no_reason() -> None:
    draft = lifecycle.PollDraft({"title": "Proposal", "method": "yes_no", "reasons": "required"})
    poll = lifecycle.create_poll(draft)
    block = poll.options.get(text="Block")
    cast = cast_vote(poll, Voter.from_user(UserFactory()), Ballot.of(block.pk), reason="Zanzibar")
    client = logged_in(superuser())

    found = client.get(url("vote_changelist"), {"q": "Zanzibar"}).context["cl"].result_list
    pages = [client.get(address).content.decode() for address in (url("vote_changelist"), url("vote_change", cast.pk))]

    assert list(found) == []
    assert [[word for word in ("Zanzibar", "Block") if word in page] for page in pages] == [[], []]
    assert ["Proposal" in page for page in pages] == [True, True]


@pytest.mark.parametrize(
    "lookup",
    [
        "ballot",
        "ballot__exact",
        "ballot__id__exact",
        "ballot_id",
        "ballot__isnull",
        "ballot__body",
        "ballot__key__startswith",
        "ballot__counted__gt",
        "ballot__marks__option",
        "reason",
        "reason__isnull",
        "reason__text__startswith",
        "voter_key",
        "voter__password__startswith",
        "poll__options__marks__ballot__votes",
        "poll__address_key",
        "cast_at__gte",
    ],
)
def test_votes_list_filters_by_no_choice(lookup: str) -> None:
    cast, _user = vote(PollFactory())

    response = logged_in(superuser()).get(url("vote_changelist"), {lookup: str(cast.ballot_id)})

    assert response.status_code == 400


def test_votes_list_filters_by_poll_and_finds_voters_and_titles() -> None:
    polls = [PollFactory(title="Lunch"), PollFactory(title="Dinner")]
    (first, user), (second, _user) = (vote(poll) for poll in polls)
    client = logged_in(superuser())

    def found(**query: str) -> list[Vote]:
        return list(client.get(url("vote_changelist"), query).context["cl"].result_list)

    assert found(poll__id__exact=str(polls[1].pk)) == [second]
    assert found(q=user.username) == [first]
    assert found(q="dinner") == [second]
    assert found() == [second, first]


@pytest.mark.parametrize("votes", [1, 3])
def test_votes_list_takes_the_same_statements_for_any_number(
    votes: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    poll = PollFactory()
    for _ in range(votes):
        vote(poll)
    client = logged_in(superuser())

    with django_assert_num_queries(4):  # session, user, count, votes with their polls and voters
        response = client.get(url("vote_changelist"))

    assert len(response.context["cl"].result_list) == votes


def test_votes_of_a_poll_that_is_not_seen_are_not_listed(settings: Settings) -> None:
    settings.DJANGO_POLLS_POLICY = "tests.admin.test_votes.Secretive"
    secret, _user = vote(PollFactory(title="Secret"))
    public, _user = vote(PollFactory(title="Public"))
    client = logged_in(superuser())

    listed = client.get(url("vote_changelist")).context["cl"].result_list
    shown = client.get(url("vote_change", secret.pk))

    assert (list(listed), shown.status_code) == ([public], 302)


def test_votes_list_is_for_those_with_the_permission() -> None:
    allowed, refused = staff("view_vote"), staff("view_poll", "change_poll", "delete_poll", "add_poll")

    statuses = [logged_in(user).get(url("vote_changelist")).status_code for user in (allowed, refused)]

    assert statuses == [200, 403]


@pytest.mark.parametrize("query", [{"q": "a\x00b"}, {"poll__id__exact": "\x00"}, {"\x00": "1"}])
def test_address_with_a_nul_is_a_bad_request(query: dict[str, str]) -> None:
    response = logged_in(superuser()).get(f"{url('vote_changelist')}?{urlencode(query)}")

    assert response.status_code == 400


def test_search_of_very_many_words_is_answered() -> None:
    cast, _user = vote(PollFactory(title=" ".join("abcdefgh")))

    response = logged_in(superuser()).get(url("vote_changelist"), {"q": " ".join([*"abcdefgh", *["z"] * 2_000])})

    assert list(response.context["cl"].result_list) == [cast]
