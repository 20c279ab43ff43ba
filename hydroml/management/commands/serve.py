"""`manage.py serve`: answer requests on 127.0.0.1 and PORT."""

from django.core.management import call_command

from hydroml.programs import Program


class Command(Program):
    help = "Serve, after collecting the static files. What follows goes to gunicorn."
    module = ("gunicorn", "-c", "python:hydroml.gunicorn_conf", "hydroml.wsgi")

    def prepare(self) -> None:
        call_command("collectstatic", interactive=False, verbosity=0)
