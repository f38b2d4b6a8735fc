"""Every refusal: one class per reason, each with a stable `code` that all interfaces echo and a sentence for people.

The six families say what kind of refusal it is, so that an interface needs no list of codes.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class PollError(Exception):
    """A refusal. `params` are the limits it speaks of; they fill the message's placeholders.

    `status` is that of HTTP, the same in every interface that speaks it; a family has one.
    """

    code: ClassVar[str] = "poll_error"
    status: ClassVar[int] = 400
    message: ClassVar[str | Promise] = _("This is not possible.")

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message) % self.params


class Invalid(PollError):
    """What was sent can never be accepted as it is."""

    status = 400


class NotPermitted(PollError):
    """Somebody else may, or nobody: not this person."""

    status = 403


class Conflict(PollError):
    """It would have been accepted in another state of the poll."""

    status = 409


class Missing(PollError):
    """There is no such thing, as far as this person may know."""

    status = 404


class Unavailable(PollError):
    """The database did not answer in time: nothing is known to have been done, and trying again is safe."""

    status = 503


class TooOften(PollError):
    """It may be asked for again, later."""

    status = 429


class InvalidPoll(Invalid):
    """A definition that breaks a rule. `errors` maps each field to its sentences."""

    code = "invalid_poll"
    message = _("The poll is not valid.")

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self.errors = errors


class InvalidBallot(Invalid):
    """A ballot that is not one of this poll's method."""

    code = "invalid_ballot"
    message = _("This ballot does not fit the poll's method.")


class UnknownOption(InvalidBallot):
    code = "unknown_option"
    message = _("The poll has no such option.")


class DuplicateOption(InvalidBallot):
    code = "duplicate_option"
    message = _("An option can be marked only once.")


class TooFewOptions(InvalidBallot):
    code = "too_few_options"
    message = _("Mark at least %(min_options)s options.")


class TooManyOptions(InvalidBallot):
    code = "too_many_options"
    message = _("Mark at most %(max_options)s options.")


class RankGap(InvalidBallot):
    code = "rank_gap"
    message = _("The places must follow one another, from the first on.")


class TiedRanks(InvalidBallot):
    code = "tied_ranks"
    message = _("Each place takes one option.")


class TooManyRanks(InvalidBallot):
    code = "too_many_ranks"
    message = _("Rank at most %(max_ranks)s options.")


class ScoreOutOfRange(InvalidBallot):
    code = "score_out_of_range"
    message = _("A score is a whole number from %(min_score)s to %(max_score)s.")


class PointsOverspent(InvalidBallot):
    code = "points_overspent"
    message = _("Give at most %(points)s points altogether.")


class PointsUnspent(InvalidBallot):
    code = "points_unspent"
    message = _("Give all %(points)s points.")


class AbstentionNotAllowed(InvalidBallot):
    code = "abstention_not_allowed"
    message = _("This poll takes no abstentions.")


class NoneOfTheseNotAllowed(InvalidBallot):
    code = "none_of_these_not_allowed"
    message = _('This poll does not offer "none of these".')


class ReasonNotAllowed(InvalidBallot):
    code = "reason_not_allowed"
    message = _("This poll takes no reasons.")


class ReasonRequired(InvalidBallot):
    code = "reason_required"
    message = _("Give a reason for this.")


class ReasonTooLong(InvalidBallot):
    code = "reason_too_long"
    message = _("A reason has at most %(max_length)s characters.")


class ReasonInvalid(InvalidBallot):
    code = "reason_invalid"
    message = _("A character of this reason is not allowed.")


class AlreadyVoted(Invalid):
    code = "already_voted"
    message = _("You have already voted in this poll.")


class AuthenticationRequired(NotPermitted):
    code = "authentication_required"
    message = _("Log in to do this.")


class PermissionDenied(NotPermitted):
    code = "permission_denied"
    message = _("You may not do this.")


class NotEligible(NotPermitted):
    code = "not_eligible"
    message = _("You may not vote in this poll.")


class VoterTokenRequired(NotPermitted):
    code = "voter_token_required"
    message = _("Fetch a voter token before you vote.")


class VoterAddressUnknown(NotPermitted):
    code = "voter_address_unknown"
    message = _("Your address cannot be told apart from other people's, so this vote was not counted.")


class CrossSiteRequest(NotPermitted):
    code = "cross_site_request"
    message = _("This request came from another site.")


class ResultsHidden(NotPermitted):
    code = "results_hidden"
    message = _("You may not see the results of this poll now.")


class PollNotOpen(Conflict):
    code = "poll_not_open"
    message = _("This poll is not open yet.")


class PollClosed(Conflict):
    code = "poll_closed"
    message = _("This poll is closed.")


class PollNotClosed(Conflict):
    code = "poll_not_closed"
    message = _("This poll is not closed yet.")


class PollAlreadyOpen(Conflict):
    code = "poll_already_open"
    message = _("This poll is open already.")


class PollChanged(Conflict):
    code = "poll_changed"
    message = _("This poll was edited meanwhile. Look at it again.")


class OptionFull(Conflict):
    code = "option_full"
    message = _("%(option)s is full. Places: %(capacity)s.")


class PollFull(Conflict):
    code = "poll_full"
    message = _("This poll is full. Most votes: %(max_votes)s.")


class PollHasVotes(Conflict):
    code = "poll_has_votes"
    message = _("This poll has votes.")


class PollFrozen(Conflict):
    code = "poll_frozen"
    message = _("This can no longer be changed: %(fields)s.")


class ChangeNotAllowed(Conflict):
    code = "change_not_allowed"
    message = _("A vote in this poll cannot be changed.")


class MethodUnavailable(Conflict):
    code = "method_unavailable"
    message = _("This site has no voting method %(method)s now, which this poll needs.")


class PollUncountable(Conflict):
    code = "poll_uncountable"
    message = _("This poll cannot be counted: its rules do not fit its voting method.")


class WithdrawalNotAllowed(Conflict):
    code = "withdrawal_not_allowed"
    message = _("A vote in this poll cannot be withdrawn.")


class PollNotFound(Missing):
    code = "not_found"
    message = _("There is no such poll.")


class VoteNotFound(Missing):
    code = "vote_not_found"
    message = _("You have not voted in this poll.")


class TryAgain(Unavailable):
    code = "try_again"
    message = _("The poll is busy. Send the same request again.")


class Throttled(TooOften):
    code = "throttled"
    message = _("Too many requests. Try again in a while. Seconds to wait: %(seconds)s.")
