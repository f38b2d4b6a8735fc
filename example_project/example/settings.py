"""The example site: a demo on SQLite as it stands, a production site where the environment says so.

`DJANGO_DEBUG=0` makes it one, and then needs `SECRET_KEY` and `ALLOWED_HOSTS`. `DATABASE_URL`, `REDIS_URL`,
`CSRF_TRUSTED_ORIGINS` and `TRUSTED_PROXY_COUNT` say what it stands on and behind.
"""

import os
from pathlib import Path

import django

from example.environment import database, required, secret_key, words

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("DJANGO_DEBUG", "1") == "1"
SECRET_KEY = secret_key(BASE_DIR / "secret_key.txt") if DEBUG else required("SECRET_KEY")
ALLOWED_HOSTS = words(os.environ.get("ALLOWED_HOSTS", "") if DEBUG else required("ALLOWED_HOSTS"))
CSRF_TRUSTED_ORIGINS = words(os.environ.get("CSRF_TRUSTED_ORIGINS", ""))
PROXIES = int(os.environ["TRUSTED_PROXY_COUNT"]) if "TRUSTED_PROXY_COUNT" in os.environ else None

ROOT_URLCONF = "example.urls"
WSGI_APPLICATION = "example.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "start"

DATABASES = {"default": database(os.environ.get("DATABASE_URL") or f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}

# Throttles count in the cache, and only a shared one counts for all processes together.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["REDIS_URL"]}
    if os.environ.get("REDIS_URL")
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

INSTALLED_APPS = [
    # First, so that its documentation pages replace drf-spectacular's.
    "example",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "django_polls",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Django 5.2 has none of its own.
    "django.middleware.csp.ContentSecurityPolicyMiddleware"
    if django.VERSION >= (6, 0)
    else "example.security.policy_middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # The polls are in the language that a browser asks for, where the package speaks it.
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# The polls.
DJANGO_POLLS_POLICY = "example.policies.ExamplePolicy"
DJANGO_POLLS_VOTER_COOKIE_SECURE = not DEBUG
if PROXIES is not None:
    DJANGO_POLLS_TRUSTED_PROXY_COUNT = PROXIES

# Logins by token.
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("app",)
HEADLESS_TOKEN_STRATEGY = "allauth.headless.tokens.strategies.jwt.JWTTokenStrategy"  # noqa: S105 - a dotted path
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 15 * 60
# Every use asks whether the session still stands, so that a logout ends its tokens, and so does a deleted user.
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION = "none"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "allauth.headless.contrib.rest_framework.authentication.JWTTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "django_polls example",
    "DESCRIPTION": (
        "Polls, votes and results. Guests may vote in most polls. To act as a user, log in on the [site](/login/), or "
        "send your name and password to `POST /_allauth/app/v1/auth/login`, copy `access_token` from the answer and "
        "paste it under **Authorize**."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "defaultModelsExpandDepth": 0,
        "displayRequestDuration": True,
        "tryItOutEnabled": True,
    },
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "example.schema.add_logins",
    ],
}

SECURE_CSP: dict[str, list[str]] = {
    "default-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
if not DEBUG:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 30 * 24 * 3600
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# An example cannot promise HTTPS for its neighbours: the other subdomains, and browsers' preload lists.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# No handler mails errors: the mail would hold the voter's session beside the posted ballot. Nor is SQL ever logged:
# its parameters are the same two.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "example.logs.Formatter", "format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.db.backends": {"level": "WARNING"},
    },
}
