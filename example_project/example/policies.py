"""Who may do what on this site."""

from django_polls.identity import User
from django_polls.policies import Policy, is_known


class ExamplePolicy(Policy):
    """The package's own rules, but every logged-in user may create polls."""

    def may_create(self, user: User) -> bool:
        """Whether somebody is logged in."""
        return is_known(user)
