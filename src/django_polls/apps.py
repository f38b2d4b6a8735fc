"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DjangoPollsConfig(AppConfig):
    """Polls, votes and results."""

    name = "django_polls"
    label = "django_polls"
    verbose_name = _("Polls")
    # Fixed here, so that a host's DEFAULT_AUTO_FIELD never changes a migration.
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Once the models are loaded.
        from django_polls import checks, refusals, signals  # noqa: F401, PLC0415  this registers the checks
        from django_polls.models import Poll  # noqa: PLC0415

        signals.vote_refused.connect(refusals.record, sender=Poll, dispatch_uid="django_polls.refusals")
