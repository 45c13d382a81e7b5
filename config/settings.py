"""Every setting, read from the environment, with defaults that suit one machine and nobody's configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from . import places
from .logging import LOGGING as LOGGING
from .logging import configure_structlog

env = environ.FileAwareEnv()
BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

# --- Where and for whom -------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}")
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname:
    raise ImproperlyConfigured(
        f"PUBLIC_URL is “{PUBLIC_URL}”; it must be the address people type, like https://touchstone.example."
    )
HTTPS = _public.scheme == "https"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_public.hostname, "127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
SECRET_KEY = env.str("SECRET_KEY", default="") or places.secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# --- Services -----------------------------------------------------------------------------------------------------
_database: dict[str, Any] = (
    env.db("DATABASE_URL") if env.str("DATABASE_URL", default="") else places.embedded_database()
)
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "config.postgres",
        # Persistent, checked connections survive a database restart; a pool does not (docs/decisions/0003).
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        # Django's default, None, would forbid prepared statements even to those who ask for one (feedback/statements.py).
        "OPTIONS": {**_database.get("OPTIONS", {}), "prepare_threshold": 5},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or places.embedded_broker_url()
_cache_url = env.str("CACHE_URL", default="")
if not _cache_url:
    if not env.str("CELERY_BROKER_URL", default=""):
        _cache_url = places.embedded_cache_url()
    elif CELERY_BROKER_URL.startswith(("redis://", "rediss://")):
        _cache_url = CELERY_BROKER_URL
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _cache_url,
        "KEY_PREFIX": "touchstone",
    }
    if _cache_url
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# What “find similar” compares: “lexical”, the folder of a model on this machine, or an embeddings endpoint (docs/imports.md).
ENCODER = env.str("ENCODER", default="lexical")
ENCODER_MODEL = env.str("ENCODER_MODEL", default="")
ENCODER_KEY = env.str("ENCODER_KEY", default="")

FILES_ROOT = Path(env.str("FILES_ROOT", default=str(places.STATE / "files")))
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": str(FILES_ROOT),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "config.static.ManifestStorage"},
}

# --- Workers ------------------------------------------------------------------------------------------------------
# So many distinct texts of a run one worker looks through in memory; beyond them they go through partitions on disk.
JOIN_IN_MEMORY = env.int("JOIN_IN_MEMORY", default=1_000_000)
JOIN_MEGABYTES = env.int("JOIN_MEGABYTES", default=768)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE", default="touchstone")
# Without it every task opens a connection of its own, whatever CONN_MAX_AGE says.
CELERY_DB_REUSE_MAX = 1000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "ring-again": {"task": "feedback.ring_again", "schedule": 30.0},
    "sweep-leases": {"task": "feedback.sweep_leases", "schedule": 60.0},
    "seal-reviews": {"task": "feedback.seal_reviews", "schedule": 600.0},
    "resume-runs": {"task": "curation.resume_runs", "schedule": 20.0},
    "resume-versions": {"task": "exports.resume_versions", "schedule": 30.0},
    "send-digests": {"task": "feedback.send_digests", "schedule": 900.0},
    "index-texts": {"task": "feedback.index_texts", "schedule": 20.0},
    "tidy": {"task": "feedback.tidy", "schedule": 3600.0},
}

# --- The application ----------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "template_partials",
    "django_structlog",
    "pgtrigger",
    "pghistory",
    "feedback",
    "curation",
    "exports",
    "config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.logging.RequestMiddleware",
    "config.csp.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "feedback.web.middleware.WhoChanged",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "feedback.web.middleware.local_time",
    "feedback.web.middleware.Refusals",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "feedback.web.context.room",
            ],
            "builtins": ["template_partials.templatetags.partials", "feedback.templatetags.touch"],
        },
    }
]
FORM_RENDERER = "feedback.web.forms.Renderer"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(places.STATE / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=20 * 1024**3)
# Long downloads that one web process carries at once: half of its threads, so that pages and the desk keep the others.
HUB_BODIES = env.int("HUB_BODIES", default=2)

# --- People -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "feedback.User"
# An address is unique without regard to case, by a constraint on lower(email) that this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "feedback.web.accounts.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/300s/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Touchstone"
# Addresses come with an invitation and nobody is asked to confirm them; that must not keep a second factor away.
MFA_ALLOW_UNVERIFIED_EMAIL = True
SESSION_COOKIE_AGE = 14 * 24 * 3600

_email = env.str("EMAIL_URL", default="")
# Mail goes out only where somebody configured it; links are there to be copied.
globals().update(
    env.email_url_config(_email)
    if _email
    else {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
)
EMAIL_CONFIGURED = bool(_email)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"touchstone@{_public.hostname}")

# --- Security -----------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "feedback.web.failures.stale_form"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# --- The API ------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "feedback.rest.authentication.KeyAuthentication",
        "feedback.rest.authentication.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["feedback.rest.rendering.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["feedback.rest.rendering.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "feedback.rest.problems.handle",
    "DEFAULT_THROTTLE_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Touchstone",
    "DESCRIPTION": "Items in, expert reviews, curated pairs, dataset versions out.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Choices stand where they are used, instead of under names made up for them.
    "POSTPROCESSING_HOOKS": ["feedback.rest.documented.tidy"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVERS": [{"url": PUBLIC_URL}],
}

# --- History and logs ---------------------------------------------------------------------------------------------
PGHISTORY_APPEND_ONLY = True
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10
configure_structlog(env.str("LOG_FORMAT", default="json"))
LOGGING_CONFIG = "logging.config.dictConfig"
