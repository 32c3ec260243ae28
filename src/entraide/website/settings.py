"""Settings. Nothing must be set for one machine; the environment switches the rest (docs/operator.md)."""

from __future__ import annotations

import os

import dj_database_url

from entraide.website.home import instance_home, key

ENTRAIDE_HOME = instance_home()
DEBUG = os.environ.get("ENTRAIDE_DEBUG", "") == "1"
SECRET_KEY = key("secret", 48).hex()
# Foundations reach the instance's keys through settings, so that they need not import the website.
ENTRAIDE_KEY = key

# Adding a capability is one folder and one line here.
CAPABILITIES = ["entraide.capabilities.crisis"]

SITE_NAME = os.environ.get("ENTRAIDE_SITE_NAME", "Entraide")
SITE_URL = os.environ.get("ENTRAIDE_URL", "http://localhost:8000").rstrip("/")
SITE_OPERATOR = os.environ.get("ENTRAIDE_OPERATOR", "")
SITE_CONTACT = os.environ.get("ENTRAIDE_CONTACT", "")
SECURITY_CONTACT = os.environ.get("ENTRAIDE_SECURITY_CONTACT", "")
SOURCE_URL = os.environ.get("ENTRAIDE_SOURCE_URL", "")
MAP_STYLE_URL = os.environ.get("ENTRAIDE_MAP_STYLE_URL", "")
LMTP_LISTEN = os.environ.get("ENTRAIDE_LMTP", "")  # "127.0.0.1:8024"; empty: no mail door
# What tells open pages of a change: called as announce(topic, data) in the transaction of the change.
LIVE_ANNOUNCE = "entraide.foundations.channels.actions.announce"

SECURE_SITE = SITE_URL.startswith("https://")
ALLOWED_HOSTS = [host for host in os.environ.get("ENTRAIDE_HOSTS", "").split(",") if host] or (
    ["*"] if not SECURE_SITE else [SITE_URL.split("//", 1)[1].split("/")[0].split(":")[0]]
)
# How many proxies of ours stand in front; what they say of the caller's address is believed.
TRUSTED_PROXIES = int(os.environ.get("ENTRAIDE_PROXIES", "1" if SECURE_SITE else "0"))
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SECURE_SITE else []

INSTALLED_APPS = [
    "entraide.website",
    *CAPABILITIES,
    "entraide.foundations.desk",
    "entraide.foundations.channels",
    "entraide.foundations.causes",
    "entraide.foundations.languages",
    "entraide.foundations.places",
    "entraide.foundations.people",
    "entraide.foundations.journal",
    "entraide.foundations.design",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "entraide.website.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "entraide.foundations.languages.middleware.ReadersLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "entraide.foundations.people.middleware.OurSite",
    "entraide.website.middleware.refusals",
]

ROOT_URLCONF = "entraide.website.urls"
WSGI_APPLICATION = "entraide.website.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "entraide.website.context.site",
            ],
        },
    }
]
FORM_RENDERER = "entraide.foundations.design.forms.HouseRenderer"

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{ENTRAIDE_HOME / 'entraide.sqlite3'}",
        conn_max_age=600,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Immediate transactions: a writer that finds the lock waits at BEGIN instead of failing half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        " PRAGMA cache_size=-32000; PRAGMA mmap_size=134217728;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
CSRF_FAILURE_VIEW = "entraide.website.views.form_too_old"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = ENTRAIDE_HOME / "static"
MEDIA_ROOT = ENTRAIDE_HOME / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 31536000

EMAIL_BACKEND = os.environ.get(
    "ENTRAIDE_EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("ENTRAIDE_SMTP")
    else "django.core.mail.backends.filebased.EmailBackend",
)
EMAIL_FILE_PATH = ENTRAIDE_HOME / "mail"
_smtp = os.environ.get("ENTRAIDE_SMTP", "localhost:25").rsplit(":", 1)
EMAIL_HOST, EMAIL_PORT = _smtp[0], int(_smtp[1]) if len(_smtp) == 2 else 25
EMAIL_HOST_USER = os.environ.get("ENTRAIDE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("ENTRAIDE_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("ENTRAIDE_SMTP_TLS", "") == "1"
DEFAULT_FROM_EMAIL = os.environ.get("ENTRAIDE_MAIL_FROM", "entraide@localhost")

# The proxy that holds the certificate sends plain requests on to https (W008); what holds for the whole
# domain, subdomains and browsers' lists, is its owner's to promise (W005, W021).
SILENCED_SYSTEM_CHECKS = ["security.W008", "security.W005", "security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SITE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31536000 if SECURE_SITE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_SITE else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"entraide": {"level": "INFO"}},
}

# django-allauth: e-mail is the name one signs in with; a code by mail or a password, passkeys, TOTP.
ACCOUNT_ADAPTER = "entraide.foundations.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]  # no password: a code by mail each time
ACCOUNT_FORMS = {
    "login": "entraide.foundations.people.forms.SignInForm",
    "signup": "entraide.foundations.people.forms.SignupForm",
}
# Codes rather than links: no secret in an address. Mandatory, or sign-up tells who is here already.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 900  # seconds; mail can be slow where it matters most
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_CHANGE_EMAIL = True  # one address a person; the new one counts once it is verified
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "entraide.foundations.people.forms.PasskeyForm"}
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1  # periods of 30 s: clocks of old telephones drift
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE_SITE
