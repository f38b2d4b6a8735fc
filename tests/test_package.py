"""The installed distribution: its version, its types, and that every module imports with the core dependencies."""

import importlib
import pkgutil
from importlib.metadata import version
from pathlib import Path

import pytest

import django_polls

pytestmark = pytest.mark.smoke


def test_version_is_the_distribution_s() -> None:
    assert django_polls.__version__ == version("dj-polls")


def test_package_declares_its_types() -> None:
    assert Path(django_polls.__file__).with_name("py.typed").is_file()


def test_every_module_imports() -> None:
    names = [module.name for module in pkgutil.walk_packages(django_polls.__path__, "django_polls.")]

    imported = [importlib.import_module(name).__name__ for name in names]

    assert imported == names
