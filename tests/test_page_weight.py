"""Our own share of a public page is light, as the server sends it: every style sheet and script that it links."""

import re
from pathlib import Path

import django_polls

PACKAGE = Path(django_polls.__file__).parent
STATIC = re.compile(r"""\{% static ['"](django_polls/[^'"]+)['"]""")
LIMIT_BYTES = 40 * 1024


def test_public_pages_link_at_most_40_kilobytes() -> None:
    templates = (PACKAGE / "templates/django_polls").rglob("*.html")
    linked = {name for template in templates for name in STATIC.findall(template.read_text("utf-8"))}

    sizes = {name: (PACKAGE / "static" / name).stat().st_size for name in linked}

    assert {"django_polls/polls.css", "django_polls/polls.js"} <= sizes.keys()
    assert sum(sizes.values()) <= LIMIT_BYTES
