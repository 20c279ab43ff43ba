"""Production's settings, except that a password of the tests' own users is checked in no time."""

from hydroml.settings import *  # noqa: F403

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # of users who are to sign in elsewhere too
]
