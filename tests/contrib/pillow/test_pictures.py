"""The picture of a poll as PNG: drawn from the same lines as the SVG, and hiding what that hides."""

from io import BytesIO
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from django_polls.voting import cast_vote
from tests.factories import PollFactory

pytest.importorskip("PIL")

from PIL import Image, ImageFont

from django_polls.contrib.pillow import pictures
from django_polls.display.previews import Box, Preview, Words

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ACCENT, LINE, EDGE, CARD = (11, 110, 79), (211, 221, 216), (123, 139, 132), (255, 255, 255)


def image(poll: Poll) -> Image.Image:
    answer = Client().get(f"/polls/{poll.pk}/preview.png")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    return Image.open(BytesIO(answer.content)).convert("RGB")


def vote(poll: Poll, *numbers: int) -> None:
    for number in numbers:
        cast_vote(poll, Voter(uuid4()), Ballot.of(poll.options.all()[number].pk))


def test_picture_shows_bars_where_everybody_sees_results() -> None:
    poll = PollFactory()
    vote(poll, 1, 1, 1, 0)

    drawn = image(poll)

    # Down the middle of the picture, and down its last quarter.
    columns = [{drawn.getpixel((x, y)) for y in range(240, 600)} & {ACCENT, LINE, EDGE} for x in (600, 1000)]
    assert (drawn.size, columns) == ((1200, 630), [{ACCENT, LINE}, {LINE}])


def test_picture_is_the_same_in_two_worlds_where_results_are_hidden() -> None:
    poll, path = PollFactory(visibility="after_close"), "/polls/{}/preview.png"
    before = Client().get(path.format(poll.pk))

    vote(poll, 1, 1, 0)

    after = Client().get(path.format(poll.pk))
    assert (after.content, after.headers) == (before.content, before.headers)


def test_picture_is_kept_for_some_minutes() -> None:
    path = f"/polls/{PollFactory().pk}/preview.png"

    first = Client().get(path)
    again = Client().get(path, headers={"if-none-match": first.headers["ETag"]})

    assert (first.headers["Cache-Control"], first.headers.get("Vary")) == ("public, max-age=300", None)
    assert (again.status_code, again.content) == (304, b"")


def test_drafts_have_no_picture() -> None:
    assert Client().get(f"/polls/{PollFactory(is_draft=True).pk}/preview.png").status_code == 404


def test_number_of_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    poll = PollFactory()

    with django_assert_num_queries(4):
        image(poll)


@pytest.mark.parametrize("title", ["איפה נאכל?", "\x0b\ufffe\U0001f600 e\u0301", "W" * 200, "\u200f", "."])
def test_any_title_can_be_drawn(title: str) -> None:
    poll = PollFactory()
    Poll.objects.filter(pk=poll.pk).update(title=title)

    assert image(poll).size == (1200, 630)


def test_words_begin_or_end_where_they_stand() -> None:
    words = [Words("Lunch", 100, 60, 40, "#000000", "left"), Words("Lunch", 100, 160, 40, "#000000", "right")]
    preview = Preview("", (Box(0, 0, 200, 200, 0, "#ffffff"),), tuple(words), 200, 200)

    drawn = Image.open(BytesIO(pictures.drawn(preview))).convert("L")

    left, right = (drawn.crop((0, y, 200, y + 90)).point(lambda value: 255 - value).getbbox() for y in (0, 100))
    assert left is not None
    assert right is not None
    assert (left[0] >= 100, right[2] <= 101) == (True, True)


def test_font_of_the_site_is_used(tmp_path: object) -> None:
    face = ImageFont.load_default(20)
    assert isinstance(face, ImageFont.FreeTypeFont)
    file = f"{tmp_path}/font.ttf"
    with open(file, "wb") as written:  # noqa: PTH123
        written.write(face.font_bytes)
    preview = Preview("", (), (Words("Lunch", 0, 100, 40, "#ffffff", "left"),), 200, 200)

    plain, own = pictures.drawn(preview), pictures.drawn(preview, file)

    assert [bool(Image.open(BytesIO(each)).convert("L").getbbox()) for each in (plain, own)] == [True, True]
