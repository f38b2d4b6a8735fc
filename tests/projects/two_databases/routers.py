"""Which database holds what."""

from django.db.models import Model

# No database has foreign keys into another one: votes stand beside the users and groups that they refer to.
IN_POLLS = {"django_polls", "auth", "contenttypes", "admin"}


class PollsRouter:
    """Polls, users and what refers to users in `polls`; everything else, such as sessions, in `default`."""

    def db_for_read(self, model: type[Model], **hints: object) -> str | None:
        """Return the database of the model's app."""
        return "polls" if model._meta.app_label in IN_POLLS else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool:
        """Whether this database has the tables of this app."""
        return (db == "polls") == (app_label in IN_POLLS)
