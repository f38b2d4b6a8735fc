"""Drawing a preview as PNG."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from django_polls.display.previews import Box, Preview, Words

# Drawn at twice the size: Pillow's own edges of boxes are jagged.
SCALE = 2
KEPT = 64


@lru_cache(KEPT)
def drawn(preview: Preview, font: str = "") -> bytes:
    """Return the picture as PNG, in the font of this file or in Pillow's own. The last few are remembered."""
    image = Image.new("RGB", (preview.width * SCALE, preview.height * SCALE))
    canvas = ImageDraw.Draw(image)
    for box in preview.boxes:
        _fill(canvas, box)
    for words in preview.words:
        _write(canvas, words, font)
    written = BytesIO()
    image.reduce(SCALE).save(written, "PNG", optimize=True)
    return written.getvalue()


def _fill(canvas: ImageDraw.ImageDraw, box: Box) -> None:
    corners = (box.x, box.y, box.x + box.width, box.y + box.height)
    canvas.rounded_rectangle(
        [corner * SCALE for corner in corners],
        box.radius * SCALE,
        fill=box.fill,
        outline=None if box.line == "none" else box.line,
        width=SCALE * 2,
    )


def _write(canvas: ImageDraw.ImageDraw, words: Words, font: str) -> None:
    face = _font(font, words.size * SCALE)
    # Without it, and with Pillow's own font, letters are set one after the other from the left.
    knows_direction = getattr(face, "layout_engine", None) == ImageFont.Layout.RAQM
    canvas.text(
        (words.x * SCALE, words.y * SCALE),
        words.text,
        fill=words.fill,
        font=face,
        anchor="ls" if words.side == "left" else "rs",
        direction=words.direction if knows_direction else None,
        # One file holds one weight.
        stroke_width=1 if words.is_bold else 0,
        stroke_fill=words.fill,
    )


@lru_cache(KEPT)
def _font(font: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.truetype(font, size) if font else ImageFont.load_default(size)
