"""Django's settings, read for the workspace that JIQUN_WORKSPACE names; without one, for tools and tests.

No address outside the machine stands here, and pages may load nothing but their own.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from jiqun import workspace

PACKAGE = Path(__file__).resolve().parent
_path = Path(os.environ[workspace.VARIABLE]) if workspace.VARIABLE in os.environ else None
_described = workspace.describe(_path) if _path else {}

# ── ledger ──────────────────────────────────────────────────────────────────────────────────────────────────
DATABASES = {"default": workspace.database(_path or Path.cwd(), _described.get("database"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = (_path / "secret_key").read_text(encoding="utf-8") if _path else "no workspace, nothing to sign"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "ninja",
    "jiqun.ledger",
    "jiqun.records",
    "jiqun.web",
]

# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "jiqun.web.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "jiqun.web.views.entrance.locked"
AXES_VERBOSE = False
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"

# ── web ─────────────────────────────────────────────────────────────────────────────────────────────────────
DEBUG = False
# A closed network reaches the machine under whatever name it has, and no link, mail or cache key is built from the
# host asked for; an office that wants to may name its hosts in workspace.yaml.
ALLOWED_HOSTS = [str(host) for host in _described.get("hosts") or ["*"]]
ROOT_URLCONF = "jiqun.web.urls"
WSGI_APPLICATION = None
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "jiqun.web.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "jiqun.web.gate.Gate",
    "django.middleware.csrf.CsrfViewMiddleware",
    "jiqun.web.gate.TypedText",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
_IS_HTTPS = bool(_described.get("https"))  # set in workspace.yaml when a proxy serves it by https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _IS_HTTPS
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _IS_HTTPS
CSRF_FAILURE_VIEW = "jiqun.web.views.entrance.stale_form"
LANGUAGE_COOKIE_SECURE = _IS_HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 365 * 86400 if _IS_HTTPS else 0  # sent only over https, which `serve` learns from its proxy
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # of a form without its files
UPLOAD_LIMIT_BYTES = 256 * 1024 * 1024  # of a whole request; documents and tables say what is too much for them

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # files come straight from the package: no collectstatic on an office machine
WHITENOISE_AUTOREFRESH = False

# ── language and time ───────────────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
