"""What holds in the admin of every host project."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.contrib import admin
from django.utils import timezone

from django_polls.identity import Voter
from django_polls.lifecycle import close_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.models.polls import Status
from django_polls.voting import cast_vote
from tests.projects.forms import Form
from tests.projects.people import administrator, logged_in, member, path_of
from tests.projects.polls import make_poll

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ADD = "admin:django_polls_poll_add"
CHANGE = "admin:django_polls_poll_change"


def test_every_page_of_the_admin_answers() -> None:
    poll = make_poll()
    cast_vote(poll, Voter.from_user(member("anna@example.org")), Ballot.of(poll.options.first().pk))
    close_poll(poll)
    browser = logged_in(administrator())
    models = [model for model in admin.site._registry if model._meta.app_label == "django_polls"]
    paths = [path_of(f"admin:django_polls_{model._meta.model_name}_changelist") for model in models]
    paths += [
        path_of(f"admin:django_polls_{model._meta.model_name}_change", model._default_manager.get().pk)
        for model in models
    ]

    answers = {path: browser.get(path, query).status_code for path in paths for query in ({}, {"q": "anna"})}

    assert answers == dict.fromkeys(paths, 200)
    assert len(answers) >= 2


def test_analytics_tell_the_hour_of_a_vote_by_the_clocks_of_the_host() -> None:
    poll = make_poll()
    before = timezone.localtime() if settings.USE_TZ else datetime.now()  # noqa: DTZ005  as the host stores it
    cast_vote(poll, Voter.from_user(member("anna@example.org")), Ballot.of(poll.options.first().pk))
    browser = logged_in(administrator())

    tables = [
        browser.get(path_of("admin:django_polls_poll_analytics_csv", poll.pk, "votes")),
        browser.get(path_of("admin:django_polls_analytics_csv", "votes")),
    ]

    for table in tables:
        _head, hour, *later = b"".join(table).decode("utf-8-sig").splitlines()
        start, *votes = hour.split(",")
        passed = before.astimezone(datetime.fromisoformat(start).tzinfo) - datetime.fromisoformat(start)
        assert (votes, timedelta(0) <= passed < timedelta(hours=1)) == (["1", "1", "0"], True)
        assert len(later) <= 1


def test_poll_is_created_and_edited_in_the_admin() -> None:
    browser = logged_in(administrator())
    blank = Form(browser.get(path_of(ADD)).content.decode()).values
    wanted = {"title": "Lunch", "options-0-text": "Soup", "options-1-text": "Salad", "options-TOTAL_FORMS": "2"}

    created = browser.post(path_of(ADD), blank | wanted)
    poll = Poll.objects.get()
    # To the second: the admin's fields have no fractions.
    poll.expires_at = timezone.now().replace(microsecond=0) + timedelta(days=1)
    poll.save()
    shown = Form(browser.get(path_of(CHANGE, poll.pk)).content.decode()).values
    edited = browser.post(path_of(CHANGE, poll.pk), shown | {"title": "Dinner"})

    kept = Poll.objects.get()
    assert (created.status_code, edited.status_code) == (302, 302)
    assert (kept.title, kept.expires_at, kept.status) == ("Dinner", poll.expires_at, Status.OPEN)
    assert [option.text for option in kept.options.all()] == ["Soup", "Salad"]
