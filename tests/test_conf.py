"""The settings: read live, and documented as they are."""

from pathlib import Path

import pytest
from django.test import override_settings

from django_polls.conf import conf, declared_settings, voting_methods
from django_polls.exceptions import MethodUnavailable
from django_polls.models import Poll

DOCS = Path(__file__).parent.parent / "docs" / "reference" / "settings.md"


def test_settings_are_read_live() -> None:
    with override_settings(DJANGO_POLLS_PAGE_SIZE=7):
        overridden = conf.page_size

    assert (overridden, conf.page_size) == (7, 25)


def test_settings_are_documented_as_they_are() -> None:
    rows = [f"| `{setting.name}` | `{setting.default!r}` | {setting.about} |" for setting in declared_settings()]

    documented = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]

    assert documented == rows


def test_voting_methods_are_known_by_their_keys() -> None:
    assert list(voting_methods()) == ["single", "approval", "ranked", "score", "dots", "yes_no"]


@override_settings(DJANGO_POLLS_METHODS=["django_polls.methods.approval.Approval"])
def test_poll_of_a_method_that_is_not_registered_says_so() -> None:
    with pytest.raises(
        MethodUnavailable, match=r"^This site has no voting method single now, which this poll needs\.$"
    ):
        _ = Poll(method="single").voting_method
