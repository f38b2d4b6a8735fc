"""Reading election files: what they mean, and the sentence for each that is none."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from django_polls.elections.files import (
    MAX_BALLOTS,
    MAX_JSON_BYTES,
    CountedBallot,
    Election,
    UnreadableElection,
    read_election,
)
from tests.elections.files import APPROVAL, RANKED, SCORES, write_csv, write_json


def refusal(path: Path, method: str | None = None) -> str:
    with pytest.raises(UnreadableElection) as caught:
        read_election(path, method)
    return str(caught.value)


def ranked_without(*names: str, **members: object) -> dict[str, Any]:
    return {name: value for name, value in (RANKED | members).items() if name not in names}


def test_read_election_ranked_json(tmp_path: Path) -> None:
    path = write_json(tmp_path, RANKED | {"seats": 1, "source": {"licence": "none"}})

    election = read_election(path)

    ballots = (
        CountedBallot(3, ((0,), (1,))),
        CountedBallot(2, ((1,),)),
        CountedBallot(2, ((0, 2), (1,))),
        CountedBallot(1, ((0,), (2, 1))),
        CountedBallot(1, ()),
    )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert election == Election(digest, "Best fruit", "single", ("Apple", "Pear", "Fig"), ballots)
    assert election.total == 9


def test_read_election_approval_json(tmp_path: Path) -> None:
    election = read_election(write_json(tmp_path, APPROVAL), "approval")

    assert (election.method, election.total) == ("approval", 7)
    assert election.ballots == (
        CountedBallot(3, ((0, 2),)),
        CountedBallot(2, ()),
        CountedBallot(1, ((2, 0),)),
        CountedBallot(1, ((1,),)),
    )


def test_read_election_rankings_as_they_are(tmp_path: Path) -> None:
    path = write_json(tmp_path, RANKED)

    first_preferences, ranked = read_election(path), read_election(path, "ranked")

    assert ranked == replace(first_preferences, method="ranked")


def test_read_election_score_json(tmp_path: Path) -> None:
    path = write_json(tmp_path, SCORES)

    election = read_election(path)

    ballots = (
        CountedBallot(2, scores=((0, 3), (1, 0), (2, 1))),
        CountedBallot(1, scores=((2, 3),)),
        CountedBallot(2),
        CountedBallot(1, scores=((2, 2), (1, 2), (0, 2))),
    )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert election == Election(digest, "Sweet fruit", "score", ("Apple", "Pear", "Fig"), ballots, 3)
    assert election.total == 6


def test_read_election_compares_names_as_options_are_compared(tmp_path: Path) -> None:
    ballots = [[1, [["cafe\u0301"]]], [2, [[" CAFÉ "]]]]
    members = ranked_without("n_ballots", "title", candidates=["Café", "Tea"], ballots=ballots)

    election = read_election(write_json(tmp_path, members))

    assert (election.title, election.options) == ("", ("Café", "Tea"))
    assert election.ballots == (CountedBallot(1, ((0,),)), CountedBallot(2, ((0,),)))


def test_read_election_json_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = write_json(tmp_path, RANKED)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert read_election(path).options == ("Apple", "Pear", "Fig")


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ([], "file: must be an object."),
        (ranked_without("ballot_type"), "ballot_type: missing."),
        (ranked_without("candidates"), "candidates: missing."),
        (ranked_without("ballots"), "ballots: missing."),
        (ranked_without(title=1), "title: must be a text."),
        (ranked_without(ballot_type=None), "ballot_type: must be a text."),
        (ranked_without(ballot_type="dots"), "ballot_type: must be one of ranked, approval, score."),
        (ranked_without(candidates={}), "candidates: must be a list."),
        (ranked_without(candidates=["Apple", 2]), "candidates[1]: must be a text."),
        (ranked_without(candidates=["Apple", " "]), "candidates[1]: an option has 1 to 500 characters."),
        (ranked_without(candidates=["x" * 501]), "candidates[0]: an option has 1 to 500 characters."),
        (ranked_without(candidates=["a\0b"]), "candidates[0]: The character U+0000 is not allowed here."),
        (ranked_without(candidates=["\ud800"]), "candidates[0]: The character U+D800 is not allowed here."),
        (ranked_without(candidates=["Fig", "fIG "]), "candidates[1]: this option is there already."),
        (ranked_without(ballots=[{}]), "ballots[0]: must be a list."),
        (ranked_without(ballots=[[1]]), "ballots[0]: must be a count and a ballot."),
        (ranked_without(ballots=[[1, []], [0, []]]), "ballots[1][0]: must be at least 1."),
        (ranked_without(ballots=[[-3, []]]), "ballots[0][0]: must be at least 1."),
        (ranked_without(ballots=[[True, []]]), "ballots[0][0]: must be a whole number."),
        (ranked_without(ballots=[[1.0, []]]), "ballots[0][0]: must be a whole number."),
        (ranked_without(ballots=[[float("nan"), []]]), "ballots[0][0]: must be a whole number."),
        (ranked_without(ballots=[["1", []]]), "ballots[0][0]: must be a whole number."),
        (ranked_without(ballots=[[1, {"Fig": 5}]]), "ballots[0][1]: must be a list."),
        (ranked_without(ballots=[[1, ["Fig"]]]), "ballots[0][1]: must be a list."),
        (ranked_without(ballots=[[1, [[7]]]]), "ballots[0][1]: must be a text."),
        (ranked_without(ballots=[[1, [["Fig"], []]]]), "ballots[0][1]: a group names no option."),
        (ranked_without(ballots=[[1, [["Plum"]]]]), "ballots[0][1]: there is no option 'Plum'."),
        (ranked_without(ballots=[[1, [["\udfff"]]]]), "ballots[0][1]: The character U+DFFF is not allowed here."),
        (ranked_without(ballots=[[1, [["Fig"], ["fig"]]]]), "ballots[0][1]: an option is marked twice."),
        (ranked_without(ballots=[[MAX_BALLOTS + 1, []]]), "ballots: more than 100000000 in all."),
        (ranked_without(n_ballots=10), "n_ballots: the ballots add up to 9."),
        (ranked_without(n_ballots=True), "n_ballots: must be a whole number."),
        (APPROVAL | {"ballots": [[1, [["Fig"]]]]}, "ballots[0][1]: must be a text."),
        (APPROVAL | {"ballots": [[1, ["Fig", "Fig"]]]}, "ballots[0][1]: an option is marked twice."),
        (ranked_without(ballot_type="score"), "max_score: missing."),
        (SCORES | {"max_score": None}, "max_score: must be a whole number."),
        (SCORES | {"ballots": [[1, []]]}, "ballots[0][1]: must be an object."),
        (SCORES | {"ballots": [[1, {"Plum": 1}]]}, "ballots[0][1]: there is no option 'Plum'."),
        (SCORES | {"ballots": [[1, {"Fig": 1, "fig": 1}]]}, "ballots[0][1]: an option is marked twice."),
        (SCORES | {"ballots": [[1, {"Fig": None}]]}, "ballots[0][1]: must be a whole number."),
        (SCORES | {"ballots": [[1, {"Fig": 1.5}]]}, "ballots[0][1]: must be a whole number."),
        (SCORES | {"ballots": [[1, {}], [1, {"Fig": 4}]]}, "ballots[1][1]: a score is a number from 0 to 3."),
        (SCORES | {"ballots": [[1, {"Fig": -1}]]}, "ballots[0][1]: a score is a number from 0 to 3."),
    ],
)
def test_read_election_json_at_fault_names_the_place(tmp_path: Path, members: object, sentence: str) -> None:
    assert refusal(write_json(tmp_path, members)) == sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "line 1, column 1: not JSON (Expecting value)."),
        (b'{\n "title" 1}', "line 2, column 10: not JSON (Expecting ':' delimiter)."),
        (b'{"title": "\xff"}', "byte 11: not UTF-8."),
        (b'{"ballots": [[1, {"Fig": 1, "Fig": 2}]]}', "file: an object has two members of the same name."),
        (b"[" * 1_000_000, "file: nested too deeply, or with a number too long."),
        (b'{"a":' * 1_000_000, "file: nested too deeply, or with a number too long."),
        (b"9" * 100_000, "file: nested too deeply, or with a number too long."),
    ],
)
def test_read_election_that_is_no_json_names_the_place(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "fruit.json"
    path.write_bytes(content)

    assert refusal(path) == sentence


def test_read_election_json_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fruit.json"
    with path.open("wb") as file:
        file.truncate(MAX_JSON_BYTES + 1)

    assert refusal(path) == "file: larger than 50000000 bytes; as CSV it may have any size."


@override_settings(DJANGO_POLLS_MAX_OPTIONS=2)
def test_read_election_with_too_many_options_is_refused(tmp_path: Path) -> None:
    assert refusal(write_json(tmp_path, RANKED)) == "candidates[2]: one option too many; a poll has at most 2."
    assert refusal(write_csv(tmp_path, "a\nb\na\nc\n")) == "line 4: one option too many; a poll has at most 2."


@pytest.mark.parametrize(
    ("members", "method", "sentence"),
    [
        (RANKED, "approval", 'ranked ballots are cast under "single" or "ranked", not under "approval".'),
        (APPROVAL, "ranked", 'approval ballots are cast under "approval", not under "ranked".'),
        (SCORES, "ranked", 'score ballots are cast under "score", not under "ranked".'),
    ],
)
def test_read_election_json_of_another_method_is_refused(
    tmp_path: Path, members: dict[str, Any], method: str, sentence: str
) -> None:
    assert refusal(write_json(tmp_path, members), method) == f"ballot_type: {sentence}"


def test_read_election_csv_of_scores_is_refused(tmp_path: Path) -> None:
    assert refusal(write_csv(tmp_path, "Fig,5\n"), "score") == "file: a CSV holds no scores; JSON does."


CSV = '\ufeffPear,Apple\r\nApple\r\nPear,Apple,\r\n\r\n"Fig, dried"\r\n""\r\n,apple\r\n'


def test_read_election_ranked_csv(tmp_path: Path) -> None:
    path = write_csv(tmp_path, CSV)

    election = read_election(path)

    ballots = (
        CountedBallot(2, ((0,), (1,))),
        CountedBallot(2, ((1,),)),
        CountedBallot(1, ((2,),)),
        CountedBallot(1, ()),
    )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert election == Election(digest, "", "single", ("Pear", "Apple", "Fig, dried"), ballots)


def test_read_election_csv_of_whole_rankings(tmp_path: Path) -> None:
    path = write_csv(tmp_path, CSV)

    assert read_election(path, "ranked") == replace(read_election(path), method="ranked")


def test_read_election_approval_csv(tmp_path: Path) -> None:
    election = read_election(write_csv(tmp_path, CSV), "approval")

    assert (election.method, election.options) == ("approval", ("Pear", "Apple", "Fig, dried"))
    assert election.ballots == (
        CountedBallot(2, ((0, 1),)),
        CountedBallot(2, ((1,),)),
        CountedBallot(1, ((2,),)),
        CountedBallot(1, ()),
    )


def test_read_election_csv_with_a_header_takes_its_options(tmp_path: Path) -> None:
    election = read_election(write_csv(tmp_path, "#options,Fig,Apple,Pear\nPear\nPear\nFig\n"))

    assert election.options == ("Fig", "Apple", "Pear")
    assert election.ballots == (CountedBallot(2, ((2,),)), CountedBallot(1, ((0,),)))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"#options,Fig,fig\n", "line 1: this option is there already."),
        (b"#options,Fig,\n", "line 1: an option has 1 to 500 characters."),
        (b"#options,Fig\nFig\nPlum\n", "line 3: there is no option 'Plum'."),
        (b"Fig,Plum,fig\n", "line 1: an option is marked twice."),
        (b"Fig\nPl\x00um\n", "line 2: The character U+0000 is not allowed here."),
        (b"Fig\nPl\xffum\n", "line 2: not UTF-8."),
        (b'Fig\n"Pl"um\n', """line 2: not CSV (',' expected after '"')."""),
        (b"x" * 501, "line 1: an option has 1 to 500 characters."),
        (b"Fig\n" + b"x" * 200_000, "line 2: not CSV (field larger than field limit (131072))."),
    ],
)
def test_read_election_csv_at_fault_names_the_line(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "fruit.csv"
    path.write_bytes(content)

    assert refusal(path) == sentence
