"""The served application, with the planted bug that PLANTED names, if any."""

import os

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

if bug := os.environ.get("PLANTED"):
    from tests.races import planted, planted_in_server

    # Kept by name: what is collected is undone.
    planting = getattr(planted_in_server if hasattr(planted_in_server, bug) else planted, bug)()
    planting.__enter__()
