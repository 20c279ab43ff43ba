"""The application for a WSGI server such as gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from hydroml.embedded_postgres import ensure_configured_database
from hydroml.utf8_requests import Utf8WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hydroml.settings")
ensure_configured_database()
application = get_wsgi_application()
application.request_class = Utf8WSGIRequest
