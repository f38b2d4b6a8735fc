"""The endpoints. Each parses, calls a verb and renders; a host varies one by a subclass that names other classes."""

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from uuid import UUID

from django.db import connections, transaction
from django.utils.encoding import force_bytes
from django.utils.http import parse_etags
from django_filters.rest_framework import FilterSet
from rest_framework.request import Request
from rest_framework.response import Response

from django_polls import lifecycle
from django_polls.api import operations
from django_polls.api.ballots import VoteRequest, vote_answer, vote_request
from django_polls.api.base import PollsView
from django_polls.api.errors import InvalidQuery
from django_polls.api.fields import NOT_A_FLAG
from django_polls.api.filters import PollFilter, QueryBackend
from django_polls.api.outcomes import PollResultsSerializer, Results
from django_polls.api.pagination import PollPagination
from django_polls.api.papers import BallotSerializer, VoteSerializer
from django_polls.api.parsers import Body, body_of
from django_polls.api.permissions import Manages, MayCreate, MayManage
from django_polls.api.schema import documented
from django_polls.api.serializers import (
    ClosePollSerializer,
    EditedPollSerializer,
    EmptySerializer,
    Facts,
    NewPollSerializer,
)
from django_polls.counts import other_outcomes
from django_polls.exceptions import (
    PollError,
    PollNotFound,
    ResultsHidden,
    VoterAddressUnknown,
    VoterTokenRequired,
)
from django_polls.identity import Voter, hand_out_token, viewer_of, voter_of
from django_polls.methods.outcomes import Outcome
from django_polls.models import Poll, Vote
from django_polls.models.polls import GuestIdentity
from django_polls.models.text import normalized
from django_polls.policies import current_policy, is_known
from django_polls.results import results_visible_to, visible_outcome
from django_polls.voting import (
    cast_vote,
    poll_for_voting,
    reason_of,
    refusals_announced,
    replace_vote,
    vote_of,
    withdraw_vote,
)

if TYPE_CHECKING:
    from rest_framework.views import AsView, GenericView

PUBLIC = "public, no-cache"


class PollListView(PollsView):
    """The polls that exist for the asker, and new ones."""

    write_serializer_class = NewPollSerializer
    permission_classes = (MayCreate,)
    throttle_scopes = {"POST": "create"}
    filter_backends = (QueryBackend,)
    filterset_class: type[FilterSet] | None = PollFilter
    pagination_class = PollPagination

    @documented(operations.LIST)
    def get(self, request: Request, **_kwargs: str) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.rendered(page or []))

    @documented(operations.CREATE)
    def post(self, request: Request, **_kwargs: str) -> Response:
        values = self.write_serializer_class.values_in(body_of(request))
        draft = self.write_serializer_class.draft_in(values)
        poll = lifecycle.create_poll(draft, created_by=self.user)
        return Response(self.rendered_anew(poll), 201, headers={"Location": urljoin(request.path, f"{poll.pk}/")})


class PollDetailView(PollsView):
    """One poll."""

    write_serializer_class = EditedPollSerializer
    permission_classes = (MayManage,)

    @documented(operations.READ)
    def get(self, request: Request, **_kwargs: str) -> Response:
        return Response(self.rendered([self.get_object()])[0])

    @documented(operations.EDIT)
    def patch(self, request: Request, **_kwargs: str) -> Response:
        poll = self.get_object()
        values = self.write_serializer_class.values_in(body_of(request))
        draft = self.write_serializer_class.draft_in(values)
        lifecycle.edit_poll(poll, draft, revision=values["revision"])
        return Response(self.rendered_anew(poll))

    @documented(operations.DELETE)
    def delete(self, request: Request, **_kwargs: str) -> Response:
        poll = self.get_object()
        lifecycle.delete_poll(poll, with_votes=_flag(request, "with_votes"))
        return Response(status=204)


def _flag(request: Request, name: str) -> bool:
    """Return whether a query parameter is `true` rather than `false` or absent. Raises InvalidQuery."""
    value = request.query_params.get(name, "false")
    if value not in {"true", "false"}:
        raise InvalidQuery({name: [NOT_A_FLAG]})
    return value == "true"


class VoteView(PollsView):
    """The asker's vote in a poll."""

    serializer_class = VoteSerializer
    write_serializer_class = BallotSerializer
    throttle_scopes = {"POST": "vote", "PUT": "vote", "DELETE": "vote"}

    @classmethod
    def as_view(cls, **initkwargs: Any) -> "AsView[GenericView]":
        """Return the view, outside of any ATOMIC_REQUESTS: a vote is acknowledged once it is committed."""
        view = super().as_view(**initkwargs)
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view

    @documented(operations.READ_VOTE)
    def get(self, request: Request, **_kwargs: str) -> Response:
        poll = self.get_object()
        viewer = viewer_of(request, poll)
        vote = vote_of(poll, viewer) if viewer else None
        response = Response(vote_answer(poll, vote, reason=reason_of(vote) if vote else ""))
        if poll.guest_identity == GuestIdentity.COOKIE and not is_known(request.user):
            hand_out_token(request, response)
        return response

    @documented(operations.CAST)
    def post(self, request: Request, **_kwargs: str) -> Response:
        return self._voted(cast_vote)

    @documented(operations.REPLACE)
    def put(self, request: Request, **_kwargs: str) -> Response:
        return self._voted(replace_vote)

    @documented(operations.WITHDRAW)
    def delete(self, request: Request, **_kwargs: str) -> Response:
        poll = self.get_object()
        with refusals_announced(poll):
            voter = voter_of(request, poll)
        withdraw_vote(poll, voter)
        return Response(status=204)

    def _voted(self, verb: Callable[..., Vote]) -> Response:
        poll_id, body = self.poll_id, body_of(self.request)
        poll, voter, wish = self._understood(poll_id, body)
        try:
            vote = verb(poll, voter, wish.ballot, revision=wish.revision, reason=wish.reason)
        except (VoterTokenRequired, VoterAddressUnknown):
            # Guests were told apart otherwise when this process last read the poll; the verb has read it again.
            poll, voter, wish = self._understood(poll_id, body)
            vote = verb(poll, voter, wish.ballot, revision=wish.revision, reason=wish.reason)
        return Response(vote_answer(poll, vote, wish.ballot, normalized(wish.reason)))

    def _understood(self, poll_id: UUID, body: Body) -> tuple[Poll, Voter, VoteRequest]:
        """Return what the request means for this process's copy of the poll, or for a fresh one where it means none."""
        poll = poll_for_voting(poll_id)
        try:
            return self._meaning(poll, body)
        except PollError:
            poll = poll_for_voting(poll_id, fresh=True)
            with refusals_announced(poll):
                return self._meaning(poll, body)

    def _meaning(self, poll: Poll, body: Body) -> tuple[Poll, Voter, VoteRequest]:
        if not current_policy().may_see(self.request.user, poll):
            raise PollNotFound
        wish = vote_request(body, poll)
        return poll, voter_of(self.request, poll), wish


class ResultsView(PollsView):
    """The outcome of a poll, with a validator where everybody may see it."""

    serializer_class = PollResultsSerializer

    @documented(operations.RESULTS)
    def get(self, request: Request, **_kwargs: str) -> Response:
        poll = self.get_object()
        outcome = visible_outcome(viewer_of(request, poll), poll)
        is_public = current_policy().may_see(None, poll) and results_visible_to(None, poll)
        results = self.told(poll, outcome)
        return self._public(results) if is_public else Response(results)

    def told(self, poll: Poll, outcome: Outcome) -> object:
        """Return an outcome of the poll as the asker, who may see it, is told it."""
        context = {**self.get_serializer_context(), "facts": Facts({poll.pk: outcome})}
        return self.get_serializer(Results(poll, outcome), context=context).data

    def _public(self, results: object) -> Response:
        """Return an answer that everybody gets, with a strong validator of its own bytes; 304 to whoever has them."""
        renderer = self.request.accepted_renderer
        content = renderer.render(results, self.request.accepted_media_type, self.get_renderer_context())
        etag = f'"{sha256(force_bytes(content)).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": PUBLIC}
        known = {known.removeprefix("W/") for known in parse_etags(self.request.META.get("HTTP_IF_NONE_MATCH", ""))}
        return Response(status=304, headers=headers) if known & {etag, "*"} else Response(results, headers=headers)


class ComparisonView(ResultsView):
    """What other ways of counting would say of a closed poll, for those who manage it."""

    permission_classes = (Manages,)

    @documented(operations.COMPARE)
    def get(self, request: Request, **_kwargs: str) -> Response:
        poll = self.get_object()
        if not results_visible_to(viewer_of(request, poll), poll):
            raise ResultsHidden
        return Response([self.told(poll, outcome) for outcome in other_outcomes(poll)])


class OpenView(PollsView):
    """The opening of a draft or of a scheduled poll, now."""

    write_serializer_class = EmptySerializer
    permission_classes = (MayManage,)

    @documented(operations.OPEN)
    def post(self, request: Request, **_kwargs: str) -> Response:
        poll = self.get_object()
        self.write_serializer_class.values_in(body_of(request))
        return Response(self.rendered_anew(lifecycle.open_poll(poll)))


class CloseView(PollsView):
    """The close of a poll, for good."""

    write_serializer_class = ClosePollSerializer
    permission_classes = (MayManage,)

    @documented(operations.CLOSE)
    def post(self, request: Request, **_kwargs: str) -> Response:
        poll = self.get_object()
        reason = self.write_serializer_class.values_in(body_of(request)).get("reason", "")
        return Response(self.rendered_anew(lifecycle.close_poll(poll, closed_by=self.user, reason=reason)))


class CopyView(PollsView):
    """A draft with another poll's definition."""

    write_serializer_class = EmptySerializer
    permission_classes = (MayCreate, MayManage)
    throttle_scopes = {"POST": "create"}

    @documented(operations.COPY_POLL)
    def post(self, request: Request, **_kwargs: str) -> Response:
        poll = self.get_object()
        self.write_serializer_class.values_in(body_of(request))
        copy = lifecycle.copy_poll(poll, created_by=self.user)
        return Response(self.rendered_anew(copy), 201, headers={"Location": urljoin(request.path, f"../../{copy.pk}/")})
