"""`manage.py beat`: send the periodic jobs, once for the whole installation."""

from hydroml.programs import Program


class Command(Program):
    help = "Send the periodic jobs to the workers. Run one. What follows goes to celery."
    module = ("celery", "-A", "celery_app", "beat")
