"""Production's settings, with what saves time in tests.

A password of the tests' own users is checked in no time, and static files come straight from their
folders, without `collectstatic`.
"""

from hydroml.settings import *  # noqa: F403
from hydroml.settings import STORAGES

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # of users who are to sign in elsewhere too
]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
WHITENOISE_MAX_AGE = 86_400  # no browser asks again during a run
