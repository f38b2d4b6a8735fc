"""What a club lets its members do."""

from django.contrib.auth.base_user import AbstractBaseUser

from django_polls.identity import User, Voter
from django_polls.models import Poll
from django_polls.policies import Policy, is_known


class ClubPolicy(Policy):
    def may_create(self, user: User) -> bool:
        """Every member may ask the others."""
        return is_known(user)

    def is_elector(self, voter: Voter, poll: Poll) -> bool:
        """Polls that leave it to the site are for those who look after it."""
        return voter.user is not None and getattr(voter.user, "is_staff", False)

    def display_name(self, user: AbstractBaseUser) -> str:
        """Members know each other by name."""
        return user.get_username()
