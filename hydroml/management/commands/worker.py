"""`manage.py worker`: do background jobs."""

from hydroml.programs import Program


class Command(Program):
    help = (
        "Do the background jobs that servers and the scheduler send. What follows goes to celery."
    )
    module = ("celery", "-A", "celery_app", "worker")
