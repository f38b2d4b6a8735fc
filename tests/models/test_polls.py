"""What saving a poll and its options derives, and how rows show themselves."""

from uuid import uuid4

import pytest
from django.db import connection

from django_polls.exceptions import PollClosed
from django_polls.identity import Voter
from django_polls.lifecycle import PollDraft, close_poll, edit_poll
from django_polls.methods.ballots import Ballot
from django_polls.models import Ballot as StoredBallot
from django_polls.models import LedgerEntry, Mark, Poll, PollOption, PollOutcome, Vote
from django_polls.models.constraints import CompositeForeignKey
from django_polls.models.polls import Visibility
from django_polls.voting import cast_vote
from tests.factories import PollFactory

pytestmark = pytest.mark.django_db


def test_saving_some_fields_of_a_poll_raises_its_revision() -> None:
    poll = PollFactory()

    poll.title = " Cafe\u0301 "
    poll.save(update_fields=["title"])

    kept = Poll.objects.get(pk=poll.pk)
    assert (kept.title, kept.revision) == ("Café", poll.revision)


def test_poll_read_before_a_close_does_not_reopen_it() -> None:
    poll = PollFactory()
    option = poll.options.all()[0]
    cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))
    close_poll(Poll.objects.get(pk=poll.pk))

    poll.title = "Other"
    poll.metadata["tag"] = "archive"
    poll.save()

    kept = Poll.objects.get(pk=poll.pk)
    assert (kept.title, kept.metadata, kept.status) == ("Other", {"tag": "archive"}, "closed")
    with pytest.raises(PollClosed):
        cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))


def test_poll_read_before_an_edit_keeps_what_the_edit_changed() -> None:
    poll = PollFactory()
    created, read = poll, Poll.objects.only("title").get(pk=poll.pk)
    edit_poll(poll, PollDraft({"visibility": Visibility.NEVER}))

    created.save()
    read.title = "Other"
    read.save()

    kept = Poll.objects.get(pk=poll.pk)
    assert (kept.title, kept.visibility) == ("Other", Visibility.NEVER)


def test_poll_that_was_not_read_is_saved_whole() -> None:
    stored = PollFactory()
    poll = Poll(pk=stored.pk, title="Other", visibility=Visibility.NEVER)
    poll._state.adding = False

    poll.save()

    kept = Poll.objects.get()
    assert (kept.title, kept.visibility, kept.revision) == ("Other", Visibility.NEVER, stored.revision + 1)


def test_two_polls_read_before_either_was_saved_make_two_revisions() -> None:
    revision = PollFactory().revision
    first, second = Poll.objects.get(), Poll.objects.get()

    first.description = "x"
    first.save()
    second.save(update_fields=["metadata"])

    assert (first.revision, second.revision, Poll.objects.get().revision) == (revision + 1, revision + 2, revision + 2)


def test_saving_or_deleting_an_option_raises_the_revision_of_its_poll() -> None:
    poll = PollFactory()
    first, second = poll.options.all()
    revisions = [poll.revision]

    first.text = " First "
    first.save(update_fields=["text"])
    revisions.append(Poll.objects.get(pk=poll.pk).revision)
    second.delete()
    revisions.append(Poll.objects.get(pk=poll.pk).revision)

    assert revisions == [poll.revision, poll.revision + 1, poll.revision + 2]
    assert list(poll.options.values_list("text", flat=True)) == ["First"]


def test_rows_show_themselves_without_telling_who_voted_what() -> None:
    poll = PollFactory()
    option = poll.options.all()[0]
    vote = cast_vote(poll, Voter(uuid4()), Ballot.of(option.pk))
    entry = str(LedgerEntry.objects.get())
    close_poll(poll)

    shown = [str(row.objects.first()) for row in (Poll, PollOption, PollOutcome, StoredBallot, Mark, Vote)]

    assert entry == "+1"
    assert shown == ["Test Poll", "Option 1", str(poll.pk), str(option.pk), str(option.pk), str(vote.pk)]


def test_composite_foreign_key_writes_its_statements() -> None:
    key = CompositeForeignKey(name="key", fields=("poll", "ballot"), to="ballots", to_fields=("poll_id", "id"))
    quote = connection.ops.quote_name

    editor = connection.schema_editor(collect_sql=True)

    created, removed = key.create_sql(Mark, editor), key.remove_sql(Mark, editor)

    what = "FOREIGN KEY" if connection.vendor == "mysql" else "CONSTRAINT"
    clause = f"FOREIGN KEY ({quote('poll_id')}, {quote('ballot_id')}) REFERENCES {quote('ballots')}"
    assert clause in created
    assert removed == f"ALTER TABLE {quote('django_polls_mark')} DROP {what} {quote('key')}"


def test_composite_foreign_keys_are_equal_by_what_they_say() -> None:
    same = [
        CompositeForeignKey(name="key", fields=("poll", "ballot"), to="ballots", to_fields=("poll_id", "id"))
        for _ in range(2)
    ]
    other = CompositeForeignKey(name="key", fields=("poll", "option"), to="options", to_fields=("poll_id", "id"))

    assert same[0] == same[1] != other
    assert len({*same}) == 1
    with pytest.raises(TypeError):
        other.constraint_sql(None, None)
