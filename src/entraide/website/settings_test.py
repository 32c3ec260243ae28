"""Settings of the test suite: as production, but quick and with silent faults made loud."""

from __future__ import annotations

import os
import tempfile

# Each test process gets a home of its own, so that tests can run side by side and leave nothing.
os.environ["ENTRAIDE_HOME"] = tempfile.mkdtemp(prefix="entraide-test-")

from entraide.website.settings import *  # noqa: F403
from entraide.website.settings import DATABASES, TEMPLATES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True
DATABASES["default"]["CONN_MAX_AGE"] = 0
# An undefined variable prints this mark; the test client refuses any page that contains it.
UNDEFINED_MARK = "⟦undefined:%s⟧"
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UNDEFINED_MARK  # type: ignore[index]
# Each test process compiles its own gazetteer: a few countries take a third of a second, all of them twelve.
GAZETTEER_COUNTRIES = ["BD", "FJ", "FR", "HT", "KE", "MG", "MZ", "SY", "TR", "UA"]
