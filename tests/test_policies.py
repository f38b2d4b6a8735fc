"""Who may do what, by default."""

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Group, Permission, User

from django_polls.identity import Voter
from django_polls.models import Poll
from django_polls.models.polls import Electorate
from django_polls.policies import Policy
from tests.factories import PollFactory, UserFactory

pytestmark = pytest.mark.django_db


class Member(AbstractBaseUser):
    """A user of a host whose users have neither permissions nor groups."""

    class Meta:
        app_label = "tests"


BARE = Member(pk=0)


def permitted(codename: str) -> User:
    user: User = UserFactory()
    user.user_permissions.add(Permission.objects.get(codename=codename))
    return user


def test_polls_are_created_by_permission() -> None:
    may = [Policy().may_create(user) for user in (None, AnonymousUser(), UserFactory(), BARE, permitted("add_poll"))]

    assert may == [False, False, False, False, True]


def test_polls_are_managed_by_their_creator_or_by_permission() -> None:
    owner = UserFactory()
    poll = PollFactory(created_by=owner)
    users = (
        None,
        AnonymousUser(),
        BARE,
        UserFactory(),
        owner,
        permitted("change_poll"),
        permitted("delete_poll"),
    )

    manage = [Policy().may_manage(user, poll) for user in users]
    delete = [Policy().may_delete(user, poll) for user in users]

    assert manage == [False, False, False, False, True, True, False]
    assert delete == [False, False, False, False, True, False, True]


def test_poll_without_a_creator_is_nobody_s() -> None:
    poll = PollFactory()

    assert [Policy().may_manage(user, poll) for user in (None, AnonymousUser(), UserFactory())] == [False] * 3


def test_drafts_exist_for_those_who_manage_them_in_lists_as_alone() -> None:
    owner, policy = UserFactory(), Policy()
    draft, public = PollFactory(is_draft=True, created_by=owner), PollFactory()
    users = (None, AnonymousUser(), UserFactory(), owner, permitted("change_poll"))

    listed = [set(policy.seen_by(user, Poll.objects.all())) for user in users]
    alone = [{poll for poll in (draft, public) if policy.may_see(user, poll)} for user in users]

    assert listed == alone == [{public}, {public}, {public}, {draft, public}, {draft, public}]


def test_electorates() -> None:
    group = Group.objects.create(name="board")
    member = UserFactory()
    member.groups.add(group)
    guest, user = Voter.from_token(b"guest"), Voter.from_user(UserFactory())
    voters = (
        guest,
        user,
        Voter.from_user(member),
        Voter.from_user(permitted("view_poll")),
        Voter.from_user(BARE),
    )
    may = {}
    for electorate in Electorate:
        poll = PollFactory(electorate=electorate, permission="django_polls.view_poll")
        poll.groups.add(group)
        may[electorate] = [Policy().may_vote(voter, poll) for voter in voters]

    assert may == {
        Electorate.ANYONE: [True, True, True, True, True],
        Electorate.USERS: [False, True, True, True, True],
        Electorate.GROUPS: [False, False, True, False, False],
        Electorate.PERMISSION: [False, False, False, True, False],
        Electorate.POLICY: [False, False, False, False, False],
    }


def test_creators_have_no_public_name() -> None:
    assert Policy().display_name(UserFactory.build()) == ""


def test_polls_votable_by_a_user_are_those_that_the_user_may_vote_in() -> None:
    group = Group.objects.create(name="board")
    member, superuser = permitted("view_poll"), UserFactory(is_superuser=True)
    member.groups.add(group)
    for electorate in Electorate:
        PollFactory(electorate=electorate, permission="django_polls.view_poll").groups.add(group)
        PollFactory(electorate=electorate, permission="club.unknown")

    for user in (member, superuser, UserFactory(is_superuser=True, is_active=False), UserFactory(), BARE):
        votable = set(Policy().votable_by(user, Poll.objects.all()))
        assert votable == {poll for poll in Poll.objects.all() if Policy().may_vote(Voter.from_user(user), poll)}
