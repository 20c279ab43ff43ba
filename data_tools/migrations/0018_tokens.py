"""Stores tokens as hashes, and ends them when the password changes.

Existing tokens, one for each user and in clear, are carried over as hashes, so that programs can
keep theirs. Their table stays, and both stay alike, for servers of the version before, which may
run beside the new ones. `manage.py finish_upgrade` removes what is in clear; from the admin's
history, where Django recorded tokens as the names of what was changed, they are removed here.
"""

import uuid
from datetime import timedelta

import django.db.models.deletion
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import migrations, models
from django.utils import timezone

from session_events.migrations.sql import sql_of

_DEMO = "demo"  # user name and password of older demos

CARRY_OVER = """
INSERT INTO data_tools_apitoken
    (digest, token_key, user_id, created, expiry, public_id, name, replaces)
SELECT encode(sha512(convert_to(key, 'UTF8')), 'hex'), left(key, 8), user_id, created, %s,
    gen_random_uuid(), %s, ''
FROM authtoken_token
"""


def carry_over(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('authtoken_token') IS NOT NULL")
        [there] = cursor.fetchone()
        if not there:
            return
        # Nobody writes between the copy and the triggers.
        cursor.execute("LOCK TABLE authtoken_token IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            "DELETE FROM authtoken_token WHERE user_id = ANY (%s)", [_users_of_the_demo(apps)]
        )
        now = timezone.now()
        expiry = now + timedelta(days=settings.TOKEN_DAYS)
        cursor.execute(CARRY_OVER, [expiry, f"before {now:%Y-%m-%d}"])
        # The foreign keys are checked at the end of the transaction, and a table with pending
        # checks cannot be changed.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        in_clear = sql_of(__file__, "in_clear").replace("{days}", str(int(settings.TOKEN_DAYS)))
        cursor.execute(in_clear)
    kinds = apps.get_model("contenttypes", "ContentType").objects.filter(app_label="authtoken")
    history = apps.get_model("admin", "LogEntry").objects.filter(content_type__in=kinds)
    history.update(object_repr="a token", object_id=None)


def leave_alone(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS data_tools_carry_over_token CASCADE")
        cursor.execute("DROP FUNCTION IF EXISTS data_tools_end_token_in_clear CASCADE")


def _users_of_the_demo(apps):
    """Return the users whose tokens end: outside of the demo, the demo's user."""
    if settings.DEMO_USER is not None:
        return []
    users = apps.get_model("auth", "User").objects.filter(username=_DEMO)
    return [user.pk for user in users if check_password(_DEMO, user.password)]


class Migration(migrations.Migration):
    dependencies = [
        ("data_tools", "0017_quotas"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("digest", models.CharField(max_length=128, primary_key=True, serialize=False)),
                ("token_key", models.CharField(db_index=True, max_length=25)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("expiry", models.DateTimeField(blank=True, null=True)),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(blank=True, default="", max_length=100)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "replaces",
                    models.CharField(blank=True, db_index=True, default="", max_length=128),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="auth_token_set",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name": "token", "ordering": ["-created", "public_id"]},
        ),
        # Hashes cannot be turned back into tokens: those that were given since are lost.
        migrations.RunPython(carry_over, leave_alone),
        migrations.RunSQL(
            sql_of(__file__),
            "DROP TRIGGER data_tools_end_tokens ON auth_user;"
            "DROP FUNCTION data_tools_end_tokens();",
        ),
    ]
