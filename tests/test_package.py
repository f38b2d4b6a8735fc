"""The installed distribution: its version, its types, and that every module imports with the core dependencies."""

import importlib
import pkgutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

import django_polls

pytestmark = pytest.mark.smoke


def test_version_is_the_distribution_s() -> None:
    assert django_polls.__version__ == version("dj-polls")


def test_package_declares_its_types() -> None:
    assert Path(django_polls.__file__).with_name("py.typed").is_file()


# What the packages under `contrib` need, by their names.
LIBRARIES = {"pillow": "PIL"}


def is_usable(name: str) -> bool:
    """Whether what a module needs is installed: those of the core need nothing."""
    return all(find_spec(library) for part, library in LIBRARIES.items() if f".contrib.{part}." in name)


def test_every_module_imports() -> None:
    found = [module.name for module in pkgutil.walk_packages(django_polls.__path__, "django_polls.")]
    names = [name for name in found if is_usable(name)]

    imported = [importlib.import_module(name).__name__ for name in names]

    assert imported == names
