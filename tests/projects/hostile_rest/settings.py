"""A host whose own REST framework settings contradict everything that the polls' API promises."""

from typing import Any

from tests.projects.plain.settings import *  # noqa: F403

HOSTILE = "tests.projects.hostile_rest.hostile"
CONTRARY: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": [f"{HOSTILE}.ShoutingRenderer"],
    "DEFAULT_PARSER_CLASSES": [f"{HOSTILE}.DeafParser"],
    "DEFAULT_PAGINATION_CLASS": f"{HOSTILE}.OneByOne",
    "DEFAULT_FILTER_BACKENDS": [f"{HOSTILE}.HideAll"],
    "DEFAULT_THROTTLE_CLASSES": [f"{HOSTILE}.Never"],
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.URLPathVersioning",
    "DEFAULT_VERSION": "7",
    "ALLOWED_VERSIONS": ["7"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": f"{HOSTILE}.LastOfAll",
    "EXCEPTION_HANDLER": f"{HOSTILE}.teapot",
    "UNAUTHENTICATED_USER": None,
    "DATETIME_FORMAT": "%d.%m.%Y",
    "DATETIME_INPUT_FORMATS": ["%d.%m.%Y"],
    "NON_FIELD_ERRORS_KEY": "everything",
    "COERCE_DECIMAL_TO_STRING": False,
    "COMPACT_JSON": False,
    "UNICODE_JSON": False,
    "SEARCH_PARAM": "find",
    "ORDERING_PARAM": "sort",
    "VERSION_PARAM": "v",
    "URL_FORMAT_OVERRIDE": "ordering",
    "FORMAT_SUFFIX_KWARG": "id",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_FRAMEWORK = CONTRARY
