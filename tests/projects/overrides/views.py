"""The polls' API and pages as the club shows them."""

from rest_framework import serializers

from django_polls.api.serializers import PollSerializer
from django_polls.api.views import PollDetailView, PollListView
from django_polls.models import Poll


class ClubPollSerializer(PollSerializer):
    meeting = serializers.SerializerMethodField(help_text="The meeting at which the poll is discussed.")

    def get_meeting(self, poll: Poll) -> str:
        return str(poll.metadata.get("meeting", ""))


class ClubPollListView(PollListView):
    serializer_class = ClubPollSerializer


class ClubPollDetailView(PollDetailView):
    serializer_class = ClubPollSerializer
