"""Production's settings, with addresses that fail in every way that quotes what was sent."""

from tests.support.patient_settings import *  # noqa: F403

ROOT_URLCONF = "tests.support.faulty_urls"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # takes no time
