"""The picture of a poll, as PNG."""

from django_polls.conf import conf
from django_polls.contrib.pillow.pictures import drawn
from django_polls.display.previews import Preview
from django_polls.views.embedding import PreviewView


class PngPreviewView(PreviewView):
    """The picture of a poll for sites that take no SVG."""

    content_type = "image/png"

    def draw(self, preview: Preview) -> bytes:
        """Return the bytes of the picture."""
        return drawn(preview, str(conf.preview_font))
