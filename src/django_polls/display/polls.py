"""What a viewer is shown of one poll: their vote or why they cannot cast one, and the outcome or why it is hidden."""

from dataclasses import dataclass
from hashlib import sha256

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext as _

from django_polls.display.ballots import ballot_in
from django_polls.display.times import moment
from django_polls.exceptions import PollError, PollNotFound, VoterTokenRequired
from django_polls.identity import Voter, viewer_of, voter_to_be
from django_polls.methods.ballots import Ballot
from django_polls.methods.outcomes import Outcome
from django_polls.models import Poll, PollOption, Vote
from django_polls.models.polls import Status, Until, Visibility
from django_polls.policies import current_policy
from django_polls.results import outcome_of, results_visible_to
from django_polls.voting import reason_of, vote_of, voting_refusal


@dataclass(frozen=True, slots=True)
class ShownPoll:
    """A poll as one viewer is shown it.

    `refusal` is why they cannot vote now, None where they can; `outcome` is None where it is hidden or cannot be
    counted, which `hidden` says in a sentence. `status` is told once, so that a page does not change its mind half-way.
    """

    poll: Poll
    status: Status
    viewer: Voter | None
    vote: Vote | None
    refusal: PollError | None
    outcome: Outcome | None
    hidden: str
    is_managed: bool

    @property
    def ballot(self) -> Ballot | None:
        """The viewer's own ballot, None where they have none or nobody can tell."""
        return ballot_in(self.vote)

    @property
    def reason(self) -> str:
        """The reason that the viewer gave with their vote."""
        return reason_of(self.vote) if self.vote else ""

    @property
    def may_vote(self) -> bool:
        """Whether the viewer may fill in a ballot now: for the first time, or another one."""
        return self.refusal is None

    @property
    def may_withdraw(self) -> bool:
        """Whether the viewer may take their vote back now."""
        return self.vote is not None and self.status == Status.OPEN and self.poll.vote_withdrawal == Until.CLOSE

    @property
    def options(self) -> list[PollOption]:
        """The options in the order in which this viewer finds them on the ballot."""
        options = list(self.poll.options.all())
        if not self.poll.shuffles_options or self.viewer is None:
            return options
        key = self.viewer.key.bytes
        return sorted(options, key=lambda option: sha256(key + str(option.pk).encode()).digest())


def shown_to(request: HttpRequest, poll: Poll) -> ShownPoll:
    """Return a poll as whoever asks is shown it. It is to be read with its clock. Raises PollNotFound."""
    policy, user = current_policy(), getattr(request, "user", None)
    if not policy.may_see(user, poll):
        raise PollNotFound
    viewer = viewer_of(request, poll)
    vote = vote_of(poll, viewer) if viewer else None
    outcome, hidden = _outcome(viewer, poll)
    return ShownPoll(
        poll=poll,
        status=poll.status,
        viewer=viewer,
        vote=vote,
        refusal=_refusal(request, poll, vote),
        outcome=outcome,
        hidden=hidden,
        is_managed=policy.may_manage(user, poll),
    )


def is_public(poll: Poll) -> bool:
    """Whether a poll exists for everybody: no draft does, whatever the site's policy."""
    return poll.status != Status.DRAFT and current_policy().may_see(AnonymousUser(), poll)


def shown_publicly(poll: Poll) -> ShownPoll:
    """Return a poll as it is shown to everybody: somebody of whom nothing is known, and who cannot have voted.

    It never depends on who asks, so that any cache may keep it. It is to be read with its clock. Raises PollNotFound.
    """
    if not is_public(poll):
        raise PollNotFound
    outcome, hidden = _outcome(None, poll)
    return ShownPoll(
        poll=poll,
        status=poll.status,
        viewer=None,
        vote=None,
        refusal=VoterTokenRequired(),
        outcome=outcome,
        hidden=hidden,
        is_managed=False,
    )


def _refusal(request: HttpRequest, poll: Poll, vote: Vote | None) -> PollError | None:
    try:
        return voting_refusal(poll, voter_to_be(request, poll), vote)
    except PollError as refusal:
        return refusal


def _outcome(viewer: Voter | None, poll: Poll) -> tuple[Outcome | None, str]:
    """Return the outcome, or None and why it is not shown."""
    if not results_visible_to(viewer, poll):
        return None, _hidden(poll)
    try:
        return outcome_of(poll), ""
    except PollError as refusal:
        return None, str(refusal)


def _hidden(poll: Poll) -> str:
    """Return the sentence that stands where the results of a poll would."""
    if poll.visibility == Visibility.AFTER_VOTE:
        return _("The results are shown after you vote, and to everyone once the poll is closed.")
    if poll.visibility == Visibility.AFTER_CLOSE:
        if poll.expires_at is None:
            return _("The results are shown when the poll is closed.")
        close = moment(poll.expires_at, poll.zone)
        return _("The results are shown when the poll closes on %(date)s (%(zone)s).") % {
            "date": close.text,
            "zone": close.zone,
        }
    if poll.visibility == Visibility.MANAGERS:
        return _("The results are shown to those who manage this poll.")
    if poll.visibility == Visibility.NEVER:
        return _("The results of this poll are not shown to anybody.")
    return _("The results are hidden from you.")
