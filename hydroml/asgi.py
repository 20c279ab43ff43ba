"""The application for an ASGI server."""

import os

from django.core.asgi import get_asgi_application

from hydroml.embedded_postgres import ensure_configured_database
from hydroml.utf8_requests import Utf8ASGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hydroml.settings")
ensure_configured_database()
application = get_asgi_application()
application.request_class = Utf8ASGIRequest
