"""The REST API: it parses, calls a verb and renders. `django_polls.api.urls` is all a host includes."""
