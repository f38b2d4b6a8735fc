"""`polls_import`: what it prints, what it refuses, and the real elections that `ELECTIONS_DIR` holds."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.models import Count
from django.test import override_settings

from django_polls import lifecycle
from django_polls.methods.outcomes import Exact
from django_polls.models import Poll, Vote
from django_polls.results import compact, outcome_of
from django_polls.verification import findings_of
from tests import databases
from tests.elections.files import APPROVAL, RANKED, SCORES, many_ballots, write_csv, write_json
from tests.factories import PollFactory
from tests.management.importing import imported, large, real, reference

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]

# A process that is killed, by the system and without a word, at the 1,050th vote.
KILLED = """
import os, signal, sys, django
from django.conf import settings
from django.core.management import call_command
django.setup()
from django_polls.policies import Policy

class Killing(Policy):
    asked = 0
    def may_vote(self, voter, poll):
        Killing.asked += 1
        if Killing.asked == 1_050:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().may_vote(voter, poll)

settings.DJANGO_POLLS_POLICY = "__main__.Killing"
call_command("polls_import", sys.argv[1])
"""


def refused(*arguments: object) -> str:
    with pytest.raises(CommandError) as caught:
        imported(*arguments)
    return str(caught.value)


def votes_by_text(poll: Poll) -> dict[str, Exact | None]:
    votes = outcome_of(poll).option_votes
    return {option.text: votes[option.pk] for option in poll.options.all()}


def recount_by_text(poll: Poll) -> dict[str, int]:
    """Count the votes themselves, with nothing that is stored beside them."""
    texts = {str(option.pk): option.text for option in poll.options.all()}
    recounted = Counter(dict.fromkeys(texts.values(), 0))
    bodies = Vote.objects.filter(poll=poll).values_list("ballot__body").annotate(Count("pk"))
    for body, number in bodies.order_by():
        for option_id in body.split():
            recounted[texts[option_id]] += number
    return dict(recounted)


def votes_by_body(poll: Poll) -> dict[str, int]:
    """Count the votes themselves by what their ballots say."""
    bodies = Vote.objects.filter(poll=poll).values_list("ballot__body").annotate(Count("pk"))
    return dict(bodies.order_by())


def test_polls_import_json_counts_every_ballot(tmp_path: Path) -> None:
    lines = imported(write_json(tmp_path, RANKED))

    poll = Poll.objects.get()
    assert lines == [f"Poll {poll.pk}", "6 cast, 3 not expressible under this method"]
    assert (poll.title, poll.method) == ("Best fruit", "single")
    assert votes_by_text(poll) == recount_by_text(poll) == {"Apple": 4, "Pear": 2, "Fig": 0}


def test_polls_import_approvals_counts_every_ballot(tmp_path: Path) -> None:
    lines = imported(write_json(tmp_path, APPROVAL), "--title", "Which?")

    poll = Poll.objects.get()
    assert lines == [f"Poll {poll.pk}", "5 cast, 2 not expressible under this method"]
    assert (poll.title, poll.method) == ("Which?", "approval")
    assert votes_by_text(poll) == recount_by_text(poll) == {"Apple": 4, "Pear": 1, "Fig": 4}


def test_polls_import_rankings_counts_every_ballot(tmp_path: Path) -> None:
    lines = imported(write_json(tmp_path, RANKED), "--method", "ranked", "--count", "schulze")

    poll = Poll.objects.get()
    apple, pear, fig = (option.pk for option in poll.options.all())
    assert lines == [f"Poll {poll.pk}", "9 cast, 0 not expressible under this method"]
    assert (poll.method, poll.count, poll.seats) == ("ranked", "schulze", 1)
    assert votes_by_body(poll) == {
        f"{apple}:1 {pear}:2": 3,
        f"{pear}:1": 2,
        f"{apple}:1 {pear}:2 {fig}:1": 2,
        f"{apple}:1 {pear}:2 {fig}:2": 1,
        "": 1,
    }
    outcome = outcome_of(poll)
    assert (outcome.votes, outcome.winners, outcome.pairwise) == (9, (apple,), ((0, 6, 4), (2, 0, 5), (0, 2, 0)))
    assert findings_of(poll.pk) == []


def test_polls_import_scores_counts_every_ballot(tmp_path: Path) -> None:
    lines = imported(write_json(tmp_path, SCORES), "--count", "star")

    poll = Poll.objects.get()
    apple, pear, fig = (option.pk for option in poll.options.all())
    assert lines == [f"Poll {poll.pk}", "6 cast, 0 not expressible under this method"]
    assert (poll.method, poll.count, poll.max_score) == ("score", "star", 3)
    assert votes_by_body(poll) == {
        f"{apple}=3 {pear}=0 {fig}=1": 2,
        f"{fig}=3": 1,
        "": 2,
        f"{apple}=2 {pear}=2 {fig}=2": 1,
    }
    outcome = outcome_of(poll)
    assert (outcome.votes, outcome.winners) == (6, (apple,))
    assert [(row.option_id, row.points) for row in outcome.rounds[0].totals] == [(apple, 8), (pear, 2), (fig, 7)]
    assert findings_of(poll.pk) == []


def test_polls_import_of_each_count_resumes_its_own_poll(tmp_path: Path) -> None:
    path = write_json(tmp_path, RANKED)
    runs = [("--count", "irv"), ("--count", "stv"), ("--count", "stv", "--seats", "2")]

    first, again = ([imported(path, "--method", "ranked", *run) for run in runs] for _time in range(2))

    assert first == again
    made = Poll.objects.order_by("created_at")
    assert [(poll.count, poll.seats, poll.votes.count()) for poll in made] == [
        ("irv", 1, 9),
        ("stv", 1, 9),
        ("stv", 2, 9),
    ]


def test_polls_import_rankings_into_a_poll_with_its_own_count(tmp_path: Path) -> None:
    fields = {"title": "Mine", "method": "ranked", "count": "borda", "equal_ranks": True}
    options = [lifecycle.OptionDraft(text) for text in ("Fig", "Pear", "Apple")]
    poll = lifecycle.create_poll(lifecycle.PollDraft(fields, options))

    lines = imported(write_json(tmp_path, RANKED), "--method", "ranked", "--poll", poll.pk)

    assert lines == [f"Poll {poll.pk}", "8 cast, 1 not expressible under this method"]
    assert Poll.objects.count() == 1


@override_settings(DJANGO_POLLS_METHODS=["django_polls.methods.approval.SingleChoice"])
def test_polls_import_under_a_method_that_the_site_has_not_says_so(tmp_path: Path) -> None:
    assert refused(write_json(tmp_path, RANKED), "--method", "ranked") == (
        "No poll was made. This site has no voting method ranked now, which this poll needs."
    )


def test_polls_import_csv_by_either_method(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "#options,Apple,Pear,Fig\nPear,Apple\nPear\nApple\n,\n", "street party.csv")

    lines = [imported(path)[1], imported(path, "--method", "approval")[1]]

    single, approval = Poll.objects.get(method="single"), Poll.objects.get(method="approval")
    assert lines == ["3 cast, 1 not expressible under this method"] * 2
    assert single.title == approval.title == "street party"
    assert votes_by_text(single) == {"Apple": 1, "Pear": 2, "Fig": 0}
    assert votes_by_text(approval) == {"Apple": 2, "Pear": 2, "Fig": 0}


def test_polls_import_again_casts_nothing(tmp_path: Path) -> None:
    path = write_json(tmp_path, RANKED)
    lines = imported(path)
    kept = list(Vote.objects.order_by("pk").values_list("pk", flat=True))

    assert imported(path, "--title", "Another") == lines

    assert list(Vote.objects.order_by("pk").values_list("pk", flat=True)) == kept
    assert Poll.objects.get().title == "Best fruit"


def test_polls_import_into_a_poll_with_these_options(tmp_path: Path) -> None:
    options = [lifecycle.OptionDraft(text) for text in ("fig", "Nut", "PEAR", "apple")]
    poll = lifecycle.create_poll(lifecycle.PollDraft({"title": "Mine", "visibility": "after_close"}, options))

    lines = imported(write_json(tmp_path, RANKED), "--poll", poll.pk)

    assert lines == [f"Poll {poll.pk}", "6 cast, 3 not expressible under this method"]
    assert votes_by_text(poll) == {"fig": 0, "Nut": 0, "PEAR": 2, "apple": 4}


def test_polls_import_of_a_file_at_fault_stores_nothing(tmp_path: Path) -> None:
    path = write_json(tmp_path, RANKED | {"n_ballots": 8})

    assert refused(path) == f"{path}: n_ballots: the ballots add up to 9."
    assert not Poll.objects.exists()


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"candidates": ["Fig"]}, "No poll was made. options: A poll needs at least two options."),
        (
            {"title": "a\nb"},
            "No poll was made. title: The character U+000A is not allowed here.",
        ),
    ],
)
def test_polls_import_of_no_possible_poll_stores_nothing(
    tmp_path: Path, members: dict[str, object], sentence: str
) -> None:
    path = write_json(tmp_path, RANKED | {"n_ballots": 0, "ballots": []} | members)

    assert refused(path) == sentence
    assert not Poll.objects.exists()


def test_polls_import_that_cannot_start_says_why(tmp_path: Path) -> None:
    path = write_json(tmp_path, RANKED)
    poll = PollFactory()
    missing = tmp_path / "missing.json"

    assert refused(missing) == f"{missing}: No such file or directory"
    assert refused(tmp_path) == f"{tmp_path}: Is a directory"
    assert refused(path, "--poll", "0b1ff6b2-5b7b-4a8c-9d0e-2d1f3a4b5c6d") == "There is no such poll."
    assert refused(path, "--poll", poll.pk) == "options: the poll has no option 'Apple'."
    assert refused(path, "--method", "approval") == (
        f'{path}: ballot_type: ranked ballots are cast under "single" or "ranked", not under "approval".'
    )
    assert (
        refused(path, "--poll", poll.pk, "--seats", 2)
        == refused(path, "--poll", poll.pk, "--count", "irv")
        == ("--count and --seats are for a new poll; the one of --poll has its own.")
    )
    assert refused(path, "--method", "ranked", "--seats", 2) == (
        "No poll was made. seats: One option wins under this method."
    )
    assert refused(path, "--method", "ranked", "--seats", 0) == ("No poll was made. seats: This must be at least 1.")
    assert refused(path, "--count", "irv") == ('No poll was made. count: "single" is counted in one way, not by "irv".')


def test_polls_import_into_a_closed_poll_says_so(tmp_path: Path) -> None:
    options = [lifecycle.OptionDraft(text) for text in ("Apple", "Pear", "Fig")]
    poll = lifecycle.close_poll(lifecycle.create_poll(lifecycle.PollDraft({"title": "Over"}, options)))

    assert refused(write_json(tmp_path, RANKED), "--poll", poll.pk) == (
        "The poll took no more votes; the same command resumes. This poll is closed."
    )


def test_polls_import_killed_resumes_to_the_exact_total(tmp_path: Path) -> None:
    path = write_json(tmp_path, many_ballots(1_100))
    environment = os.environ | {
        "DATABASE_URL": databases.url_of(connection),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }

    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT, env=environment, check=False)
    poll = Poll.objects.get()
    stood = recount_by_text(poll)
    line = imported(path)[-1]

    assert (killed.returncode, stood) == (-9, {"First": 734, "Second": 266})
    assert line == "1100 cast, 0 not expressible under this method"
    assert votes_by_text(poll) == recount_by_text(poll) == {"First": 734, "Second": 366}


def check_real(path: Path, expected: dict[str, int], cast: int) -> None:
    """Import a real election twice, and compare what was counted with the figures made independently."""
    total = json.loads(path.read_text("utf-8"))["n_ballots"]
    line = f"{cast} cast, {total - cast} not expressible under this method"

    assert imported(path)[-1] == line
    poll = Poll.objects.get()
    assert votes_by_text(poll) == expected
    assert imported(path)[-1] == line
    compact(poll)
    assert votes_by_text(poll) == recount_by_text(poll) == expected
    assert outcome_of(poll).votes == Vote.objects.count() == cast


def check_first_preferences(name: str) -> None:
    path = real(name)
    first_round = reference(path)["irv_rounds"][0]["tally"]
    check_real(path, first_round, sum(first_round.values()))


@pytest.mark.parametrize("name", ["debian-dpl-2003", "debian-dpl-2006", "burlington-2009"])
def test_polls_import_of_a_real_ranked_election_equals_its_reference(name: str) -> None:
    check_first_preferences(name)


def test_polls_import_of_a_real_approval_election_equals_its_reference() -> None:
    path = real("france-2002-approval-1")

    check_real(path, reference(path)["approval_totals"], 352)


@pytest.mark.postgres
@pytest.mark.parametrize("name", ["minneapolis-2009-park", "alaska-2022-special"])
def test_polls_import_of_a_large_election_equals_its_reference(name: str) -> None:
    check_first_preferences(large(name).stem)
