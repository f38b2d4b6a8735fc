"""Who comes to the admin, what is in the tables before and after, and the forms that a browser would send."""

from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from django_polls.identity import Voter
from django_polls.lifecycle import BINDING_FIELDS
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll, Vote
from django_polls.voting import cast_vote
from tests.factories import UserFactory

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    Response = _MonkeyPatchedWSGIResponse
else:
    Response = HttpResponse


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def superuser() -> User:
    return UserFactory(is_staff=True, is_superuser=True)


def staff(*codenames: str) -> User:
    """Return a member of the staff who holds these permissions of the app."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="django_polls", codename__in=codenames))
    return user


def vote(poll: Poll, number: int = 0) -> tuple[Vote, User]:
    """Cast a new user's vote for the poll's option of this number."""
    user = UserFactory()
    option = poll.options.all()[number]
    return cast_vote(poll, Voter.from_user(user), Ballot.of(option.pk)), user


def stored() -> dict[str, list[dict[str, object]]]:
    """Return every row of the app's tables and of the admin's history."""
    models: list[type[Model]] = [*apps.get_app_config("django_polls").get_models(include_auto_created=True), LogEntry]
    return {model.__name__: list(QuerySet(model).order_by("pk").values()) for model in models}


def url(name: str, *arguments: object) -> str:
    return reverse(f"admin:django_polls_{name}", args=arguments)


def options_form(*texts: str, **changes: object) -> dict[str, object]:
    """Return what a browser sends for new options."""
    form: dict[str, object] = {"options-TOTAL_FORMS": len(texts), "options-INITIAL_FORMS": 0}
    for number, text in enumerate(texts):
        form |= {f"options-{number}-text": text, f"options-{number}-position": "", f"options-{number}-capacity": ""}
    return form | changes


def counting_form() -> dict[str, object]:
    """Return what a browser sends of how a poll is counted, and of what it takes to decide."""
    form: dict[str, object] = dict.fromkeys(
        (
            "count",
            "max_options",
            "max_ranks",
            "grades",
            "points",
            "max_points",
            "quorum",
            "quorum_share",
            "pass_threshold",
            "max_votes",
        ),
        "",
    )
    numbers = {"min_options": 1, "seats": 1, "min_score": 0, "max_score": 5}
    choices = {"method": "single", "quota": "droop", "reasons": "off", "final_ties": "seed", "unscored_is_zero": "on"}
    return form | numbers | choices


def poll_form(poll: Poll | None = None, **changes: object) -> dict[str, object]:
    """Return what a browser sends for a poll that is new, or that nobody has voted in."""
    form: dict[str, object] = counting_form() | {
        "title": "New poll" if poll is None else poll.title,
        "description": "",
        "visibility": "always",
        "electorate": "anyone",
        "guest_identity": "address",
        "vote_change": "never",
        "vote_withdrawal": "never",
        "permission": "",
        "correction": "",
        "metadata": "{}",
    }
    if poll is None:
        return form | options_form("Tea", "Coffee") | changes
    if poll.is_active:
        # What is fixed is no field of the page.
        form = {name: value for name, value in form.items() if name not in BINDING_FIELDS}
    options = list(poll.options.all())
    form |= {
        "known_revision": poll.revision,
        "options-TOTAL_FORMS": len(options),
        "options-INITIAL_FORMS": len(options),
    }
    for number, option in enumerate(options):
        form |= {
            f"options-{number}-id": option.pk,
            f"options-{number}-poll": str(poll.pk),
            f"options-{number}-text": option.text,
            f"options-{number}-position": number,
            f"options-{number}-capacity": "" if option.capacity is None else option.capacity,
        }
    return form | changes


def voted_form(poll: Poll, **changes: object) -> dict[str, object]:
    """Return what a browser sends for a poll that has votes: what is fixed is no field of the page."""
    form: dict[str, object] = {"known_revision": poll.revision, "visibility": poll.visibility, "metadata": "{}"}
    return form | {"correction": "", "options-TOTAL_FORMS": 0, "options-INITIAL_FORMS": 0} | changes


def errors(response: Response) -> dict[str, list[str]]:
    """Return the errors of the form that came back, by field."""
    return {name: list(sentences) for name, sentences in response.context["adminform"].form.errors.items()}


def texts(poll: Poll) -> list[str]:
    return [option.text for option in poll.options.all()]
