"""What all views share, whatever the host's REST_FRAMEWORK says: only its authenticators are asked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import router
from django.http import HttpRequest
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from django_polls.api.errors import exception_handler
from django_polls.api.negotiation import ApiNegotiation, ApiRenderer, ApiVersioning
from django_polls.api.parsers import FormParser, JSONParser, MultiPartParser
from django_polls.api.permissions import refuse_cross_site
from django_polls.api.schema import PollsSchema
from django_polls.api.serializers import Facts, PollSerializer
from django_polls.api.throttles import ScopedThrottle
from django_polls.exceptions import AuthenticationRequired, PermissionDenied, PollNotFound
from django_polls.identity import viewer_of
from django_polls.models import Poll
from django_polls.models.polls import PollQuerySet
from django_polls.policies import current_policy, is_known
from django_polls.results import outcomes_of, polls_with_visible_results

PRIVATE = "private, no-store"


def poll_id_in(text: str) -> UUID:
    """Return the id that is written so, in the one way that ids are written. Raises PollNotFound."""
    try:
        poll_id = UUID(text)
    except ValueError:
        raise PollNotFound from None
    if str(poll_id) != text:
        raise PollNotFound
    return poll_id


class PollsView(GenericAPIView[Poll]):
    """The base of every endpoint."""

    queryset = Poll.objects.none()
    lookup_url_kwarg = "id"
    serializer_class: type[BaseSerializer[Any]] = PollSerializer
    parser_classes = (JSONParser, FormParser, MultiPartParser)
    renderer_classes = (ApiRenderer,)
    permission_classes: Sequence[type[BasePermission]] = ()
    throttle_classes = (ScopedThrottle,)
    throttle_scopes: ClassVar[Mapping[str, str]] = {}
    filter_backends: Sequence[Any] = ()
    pagination_class: Any = None
    content_negotiation_class = ApiNegotiation
    versioning_class = ApiVersioning
    metadata_class = None
    schema = PollsSchema()

    def options(self, request: HttpRequest, *args: object, **kwargs: object) -> Response:
        """Name the methods, and nothing else: what else there is to know is in the schema."""
        return Response(status=204)

    def check_permissions(self, request: Request) -> None:
        refuse_cross_site(request)
        super().check_permissions(request)

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> NoReturn:
        raise PermissionDenied if is_known(request.user) else AuthenticationRequired

    def get_exception_handler(self) -> Callable[[Exception, Mapping[str, Any]], Response | None]:
        return exception_handler

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", PRIVATE)
        return final

    @property
    def user(self) -> AbstractBaseUser | None:
        """The user who asks, None for a guest."""
        user = self.request.user
        return user if isinstance(user, AbstractBaseUser) and user.is_authenticated else None

    @property
    def poll_id(self) -> UUID:
        """The id in the URL. Raises PollNotFound."""
        return poll_id_in(self.kwargs["id"])

    def all_polls(self) -> PollQuerySet:
        """Return all polls with what is shown of them, from the database that is written to where that follows."""
        is_read = self.request.method in SAFE_METHODS
        polls = Poll.objects.using(router.db_for_read(Poll) if is_read else router.db_for_write(Poll))
        return polls.with_clock().select_related("created_by").prefetch_related("options", "groups")

    def get_queryset(self) -> PollQuerySet:
        """Return the polls that exist for this user."""
        return current_policy().seen_by(self.request.user, self.all_polls())

    def get_object(self) -> Poll:
        """Return the poll of the URL. Raises PollNotFound, and the view's refusals."""
        poll = self.get_queryset().filter(pk=self.poll_id).first()
        if poll is None:
            raise PollNotFound
        self.check_object_permissions(self.request, poll)
        return poll

    def rendered(self, polls: Sequence[Poll]) -> list[dict[str, Any]]:
        """Return these polls as the asker may see them."""
        context = {**self.get_serializer_context(), "facts": self._facts(polls)}
        rendered: list[dict[str, Any]] = self.get_serializer(polls, many=True, context=context).data
        return rendered

    def rendered_anew(self, poll: Poll) -> dict[str, Any]:
        """Return a poll as it is after a verb has changed it. Raises PollNotFound if it is gone by now."""
        # The policy may hide it now, even from whoever made it: what they did is answered all the same.
        changed = self.all_polls().filter(pk=poll.pk).first()
        if changed is None:
            raise PollNotFound
        return self.rendered([changed])[0]

    def _facts(self, polls: Sequence[Poll]) -> Facts:
        visible = polls_with_visible_results({poll: viewer_of(self.request, poll) for poll in polls})
        counted = [poll for poll in polls if poll.pk in visible]
        policy, user = current_policy(), self.request.user
        managed = frozenset(poll.pk for poll in polls if policy.may_manage(user, poll))
        return Facts(outcomes_of(counted), managed)
