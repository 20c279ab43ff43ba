"""Settings under which only the service's own deadlines end a statement: the database's are far.

So a test that a statement ends sees that the service ended it, and a busy machine ends none.
"""

from __future__ import annotations

from tests.crash.service_settings import *  # noqa: F403
from tests.crash.service_settings import DATABASES

DATABASES["default"]["OPTIONS"]["options"] += " -c statement_timeout=600s -c lock_timeout=600s"
REQUEST_SECONDS = 300
