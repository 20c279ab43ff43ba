"""Where errors are reported; without SENTRY_DSN nowhere, and the library is not even imported."""

from hydroml import env

SENTRY_DSN = env.url("SENTRY_DSN", "", schemes=("http", "https"))
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", "production")
SENTRY_RELEASE = env.text("SENTRY_RELEASE", "")  # otherwise the commit of the checkout
# The share of requests and jobs that are sent as transactions. With any, all slow ones are.
SENTRY_TRACES_SAMPLE_RATE = env.fraction("SENTRY_TRACES_SAMPLE_RATE", 0.0)
