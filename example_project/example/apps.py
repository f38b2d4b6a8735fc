"""The site's own app: its templates, its static files, and what it adds to the schema."""

from importlib import import_module

from django.apps import AppConfig


class ExampleConfig(AppConfig):
    name = "example"

    def ready(self) -> None:
        """Register the scheme of the tokens before any schema is made: drf-spectacular knows what is imported."""
        import_module("example.schema")
