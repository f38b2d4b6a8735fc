"""The translations at work: what the package says to people, rendered in each language that it comes in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import override

import django_polls
from django_polls import exceptions
from django_polls.methods.ballots import CountedBallot
from django_polls.methods.explanation import BROKEN_BY, explanation
from django_polls.methods.outcomes import Outcome, Tie
from tests.methods.ways import OPTIONS, WAYS, Way
from tests.ways import WAYS as WAYS_OF_VOTING

pytestmark = pytest.mark.pure

LANGUAGES = sorted(folder.name for folder in (Path(django_polls.__file__).parent / "locale").iterdir())
NAMES = {1: "Ana", 2: "Ben", 3: "Cem", 4: "Dora"}
PLACEHOLDER = re.compile(r"%\((\w+)\)")
BALLOTS = {(way.method, way.count): way.ballots for way in WAYS_OF_VOTING}
# Words that two languages share.
SAME = {"fr": {"description", "options", "permission", "places", "points", "position", "quorum", "quota", "votes"}}

each_language = pytest.mark.parametrize("language", LANGUAGES)
each_way = pytest.mark.parametrize("way", WAYS, ids=str)


def outcome_of(way: Way) -> Outcome:
    """Return the outcome of a few ballots, each cast by more voters than the one before."""
    ballots = BALLOTS[way.method.key, way.count](OPTIONS)
    cast = [CountedBallot(ballot.body, votes) for votes, ballot in enumerate(ballots, 1)]
    return way.counted([*cast, CountedBallot("abstain", 2), CountedBallot("none", 1)], way.rules())


def refusals(family: type[exceptions.PollError] = exceptions.PollError) -> Iterator[type[exceptions.PollError]]:
    yield family
    for child in family.__subclasses__():
        yield from refusals(child)


def names_of_models() -> Mapping[str, str | Promise]:
    """Return what models and fields are called, and how fields are explained, where a text of ours says it."""
    models = list(apps.get_app_config("django_polls").get_models())
    fields = {f"{model.__name__}.{field.name}": field for model in models for field in model._meta.get_fields()}
    labels = {name: getattr(field, "verbose_name", "") for name, field in fields.items()}
    helps = {f"{name} (help)": getattr(field, "help_text", "") for name, field in fields.items()}
    several = {model.__name__: model._meta.verbose_name_plural or "" for model in models}
    return {name: text for name, text in (labels | helps | several).items() if isinstance(text, Promise)}


def test_languages_are_these() -> None:
    assert LANGUAGES == ["ar", "de", "es", "fr"]


@each_way
@each_language
def test_outcome_is_explained_in_the_reader_s_language(language: str, way: Way) -> None:
    outcome = outcome_of(way)
    english = explanation(outcome, NAMES)

    with override(language):
        told = explanation(outcome, NAMES)

    assert (len(told), set(told) & set(english)) == (len(english), set())


@pytest.mark.parametrize("broken_by", [*BROKEN_BY, "the_host_s_own"])
@each_language
def test_tie_is_told_in_the_reader_s_language(language: str, broken_by: str) -> None:
    outcome = replace(outcome_of(WAYS[0]), ties=(Tie((1, 2), broken_by, (2,), 3),))
    english = explanation(outcome, NAMES)

    with override(language):
        told = explanation(outcome, NAMES)

    assert (len(told), set(told) & set(english)) == (len(english), set())


@each_language
def test_every_refusal_is_told_in_the_reader_s_language(language: str) -> None:
    # Those of `polls_verify` are told at a terminal, in English as all that commands say.
    to_people = [refusal for refusal in refusals() if isinstance(refusal.message, Promise)]
    english = {refusal: str(refusal.message) for refusal in to_people}
    params = {refusal: dict.fromkeys(PLACEHOLDER.findall(message), "7") for refusal, message in english.items()}

    with override(language):
        told = {refusal: str(refusal.message) % params[refusal] for refusal in english}

    assert [refusal for refusal, message in english.items() if told[refusal] == message % params[refusal]] == []


@each_language
def test_models_and_fields_are_called_by_words_of_the_reader_s_language(language: str) -> None:
    english = {name: str(text) for name, text in names_of_models().items()}

    with override(language):
        told = {name: str(text) for name, text in names_of_models().items()}

    same = {text for name, text in english.items() if told[name] == text}
    assert (len(english) > 50, same) == (True, SAME.get(language, set()))
