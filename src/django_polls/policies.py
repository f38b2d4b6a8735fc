"""Who may do what: one class that answers every such question, replaceable by `DJANGO_POLLS_POLICY`."""

from decimal import Decimal

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.db.models import Q
from django.utils.module_loading import import_string

from django_polls.conf import conf
from django_polls.identity import User, Voter
from django_polls.models import Poll
from django_polls.models.polls import Electorate, PollQuerySet, Status, Visibility


class Policy:
    """The default answers. Subclass it, override what differs, and name the subclass in `DJANGO_POLLS_POLICY`.

    `user` may be anonymous or None; `viewer` is None for somebody who cannot have voted.
    """

    def may_create(self, user: User) -> bool:
        """Whether the user may create polls: by default by the permission `django_polls.add_poll`."""
        return holds(user, "django_polls.add_poll")

    def may_manage(self, user: User, poll: Poll) -> bool:
        """Whether the user may edit, open, close and copy the poll: its creator, or by `django_polls.change_poll`."""
        return owns(user, poll) or holds(user, "django_polls.change_poll")

    def may_delete(self, user: User, poll: Poll) -> bool:
        """Whether the user may delete the poll: its creator, or by `django_polls.delete_poll`."""
        return owns(user, poll) or holds(user, "django_polls.delete_poll")

    def may_see(self, user: User, poll: Poll) -> bool:
        """Whether the poll exists for the user: drafts do for those who may manage them."""
        return not poll.is_draft or self.may_manage(user, poll)

    def seen_by(self, user: User, polls: PollQuerySet) -> PollQuerySet:
        """Return those of the polls that exist for the user; it must agree with `may_see`."""
        if holds(user, "django_polls.change_poll"):
            return polls
        mine = Q(created_by=user.pk) if user is not None and user.is_authenticated else Q()
        return polls.filter(Q(is_draft=False) | mine)

    def may_vote(self, voter: Voter, poll: Poll) -> bool:
        """Whether the voter belongs to the poll's electorate. Polls with the electorate `policy` ask `is_elector`."""
        if poll.electorate == Electorate.ANYONE:
            return True
        if poll.electorate == Electorate.POLICY:
            return self.is_elector(voter, poll)
        if not is_known(voter.user):
            return False
        if poll.electorate == Electorate.GROUPS:
            return belongs(voter.user, poll)
        return poll.electorate == Electorate.USERS or holds(voter.user, poll.permission)

    def votable_by(self, user: AbstractBaseUser, polls: PollQuerySet) -> PollQuerySet:
        """Return those of the polls to whose electorate the user belongs; it must agree with `may_vote`."""
        groups = user.groups.all() if hasattr(user, "groups") else Group.objects.none()
        permissions = user.get_all_permissions() if hasattr(user, "get_all_permissions") else ()
        electorates = (
            Q(electorate__in=[Electorate.ANYONE, Electorate.USERS])
            | Q(electorate=Electorate.GROUPS, groups__in=groups)
            | Q(electorate=Electorate.PERMISSION, permission__in=permissions)
        )
        if getattr(user, "is_superuser", False) and user.is_active:
            # Who holds every permission, those that no table knows too.
            electorates |= Q(electorate=Electorate.PERMISSION)
        # Apart, since a poll of two groups of the user's would come twice.
        return polls.filter(pk__in=Poll.objects.filter(electorates).order_by().values("pk"))

    def is_elector(self, voter: Voter, poll: Poll) -> bool:
        """Whether the voter may vote in a poll that leaves it to the site: nobody, until the site says who."""
        return False

    def electorate_size(self, poll: Poll) -> int:
        """Return how many may vote in a poll of groups, of which its quorum may be a share: their active members."""
        users = get_user_model()._default_manager.filter(groups__in=[group.pk for group in poll.groups.all()])  # noqa: SLF001
        is_stored = any(field.name == "is_active" for field in users.model._meta.concrete_fields)
        return (users.filter(is_active=True) if is_stored else users).distinct().count()

    def weight_of(self, voter: Voter, poll: Poll) -> Decimal:
        """Return what the voter's vote weighs: by default 1. Above 0 and below 10^9, of six decimals at most."""
        return Decimal(1)

    def sees_results(self, viewer: Voter | None, poll: Poll, *, status: Status, has_voted: bool) -> bool:
        """Whether the viewer may see the results, the poll being where it is and the viewer having voted or not."""
        if poll.visibility == Visibility.AFTER_VOTE:
            return has_voted or status == Status.CLOSED
        if poll.visibility == Visibility.AFTER_CLOSE:
            return status == Status.CLOSED
        if poll.visibility == Visibility.MANAGERS:
            return viewer is not None and self.may_manage(viewer.user, poll)
        return poll.visibility == Visibility.ALWAYS

    def display_name(self, user: AbstractBaseUser) -> str:
        """Return the name under which a poll's creator is shown to everybody: none, by default."""
        return ""


def current_policy() -> Policy:
    """Return the policy of this site."""
    policy: Policy = import_string(conf.policy)()
    return policy


def is_known(user: User) -> bool:
    """Whether this is a logged-in user."""
    return user is not None and user.is_authenticated


def owns(user: User, poll: Poll) -> bool:
    """Whether the user created the poll."""
    return user is not None and user.is_authenticated and poll.created_by_id == user.pk


def holds(user: User, permission: str) -> bool:
    """Whether the user holds a permission; never where the host's users have none."""
    has_perm = getattr(user, "has_perm", None)
    return is_known(user) and has_perm is not None and has_perm(permission)


def belongs(user: User, poll: Poll) -> bool:
    """Whether the user is an active member of one of the poll's groups."""
    groups = getattr(user, "groups", None)
    wanted = {group.pk for group in poll.groups.all()}
    return groups is not None and groups.filter(pk__in=wanted).exists()
