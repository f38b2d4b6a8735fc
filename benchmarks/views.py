"""The candidates that `vote_path.py` compares with the package's own endpoint, each at home in the same host."""

import hmac
import json
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.models import SketchedOption, SketchedPoll, SketchedVote
from django_polls import statements
from django_polls.api.throttles import ScopedThrottle
from django_polls.identity import voter_address
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll


def hello(_request: HttpRequest) -> HttpResponse:
    """Answer, and do nothing else."""
    return HttpResponse("Hello")


@lru_cache
def _ballot_id(poll_id: UUID, option_id: int) -> int:
    with transaction.atomic():
        return statements.ballot_id_of(Ballot.of(option_id), Decimal(1), poll_id, "default")


@lru_cache
def _poll(poll_id: UUID) -> Poll:
    return Poll.objects.get(pk=poll_id)


@csrf_exempt
def plain_vote(request: HttpRequest, poll_id: UUID) -> HttpResponse:
    """Cast a vote as a view written by hand would: the same authentication, throttle and SQL, and no more."""
    voter_id = request.user.pk if request.user.is_authenticated else None
    if not ScopedThrottle().allow_request(cast("Request", request), THROTTLED):
        return JsonResponse({"detail": "Too many requests."}, status=429)
    poll, address = _poll(poll_id), voter_address(request.META)
    digest = hmac.digest(bytes(poll.address_key or b""), address.encode(), "sha256")
    parameters: dict[str, Any] = {
        "lock": statements.lock_number(poll_id),
        "poll": poll_id,
        "voter_key": UUID(bytes=digest[:16], version=4),
        "voter": voter_id,
        "ballot": _ballot_id(poll_id, json.loads(request.body)["option_id"]),
        "revision": poll.revision,
    }
    with connection.cursor() as cursor:
        cursor.execute(statements.CAST, parameters)
        vote_id, cast_at = cursor.fetchone()
    if vote_id is None:
        return JsonResponse({"detail": "Refused."}, status=400)
    return JsonResponse({"has_voted": True, "cast_at": cast_at})


class SketchedOptionSerializer(serializers.ModelSerializer[SketchedOption]):
    vote_count = serializers.IntegerField()

    class Meta:
        model = SketchedOption
        fields = ("id", "text", "vote_count")


class SketchedVoteSerializer(serializers.Serializer[Any]):
    option_id = serializers.IntegerField()


class SketchedVoteView(APIView):
    """What one writes first: look for a vote, create one, count them all."""

    throttle_classes = (ScopedThrottle,)
    throttle_scopes = {"POST": "vote"}

    def post(self, request: Request, poll_id: int) -> Response:
        poll = get_object_or_404(SketchedPoll, pk=poll_id)
        if poll.expires_at <= timezone.now():
            return Response({"detail": "The poll is closed."}, status=400)
        body = SketchedVoteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        option = get_object_or_404(SketchedOption, poll=poll, pk=body.validated_data["option_id"])
        address = voter_address(request.META)
        if SketchedVote.objects.filter(poll=poll, address=address).exists():
            return Response({"detail": "You have voted already."}, status=400)
        SketchedVote.objects.create(poll=poll, option=option, address=address)
        options = SketchedOption.objects.filter(poll=poll).annotate(vote_count=Count("votes"))
        return Response(SketchedOptionSerializer(options, many=True).data)


THROTTLED = SketchedVoteView()
