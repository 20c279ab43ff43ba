"""Settings of the service that is loaded: the benchmark's, with one view more to compare with."""

from benchmarks.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.load.urls"
