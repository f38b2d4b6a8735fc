"""What every test of the admin may count on: what a process looks up once is known, whichever test is its first."""

import pytest
from django.contrib.contenttypes.models import ContentType

from django_polls.models import Poll, PollOutcome, Vote


@pytest.fixture(autouse=True)
def _known_content_types(db: None) -> None:
    """Look up the types of what has pages, which Django keeps for a process until it migrates or flushes."""
    ContentType.objects.get_for_models(Poll, PollOutcome, Vote)
