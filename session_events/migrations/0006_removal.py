"""Streams are removed whole, each for a tombstone, and in no other way.

Note [What the database insists on]
    DELETE of events passes only in a transaction that wrote a tombstone, and only if each stream
    it touches has one of this transaction with the count, last sequence and last hash of exactly
    the events that go, and none stays. So a stream goes in one statement or not at all. UPDATE and
    TRUNCATE are refused as ever. A tombstone cannot be altered, nor stand for a stream that is
    still there when its transaction commits.
"""

from django.db import migrations, models

from session_events.migrations.sql import sql_of


class Migration(migrations.Migration):
    dependencies = [("session_events", "0005_verification")]

    operations = [
        migrations.CreateModel(
            name="StreamTombstone",
            fields=[
                ("stream_id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("user_id", models.BigIntegerField()),
                ("dataset_id", models.UUIDField()),
                ("event_count", models.BigIntegerField()),
                ("last_sequence", models.BigIntegerField()),
                ("last_hash", models.BinaryField(max_length=32)),
                ("reason", models.CharField(max_length=32)),
                ("removed_at", models.DateTimeField()),
                ("removed_by", models.CharField(max_length=150)),
                ("transaction_id", models.BigIntegerField(editable=False)),
            ],
        ),
        migrations.AddIndex(
            model_name="streamtombstone",
            index=models.Index(fields=["transaction_id"], name="stream_tombstone_transaction"),
        ),
        migrations.AddIndex(
            model_name="streamtombstone",
            index=models.Index(fields=["user_id", "removed_at"], name="stream_tombstone_of_user"),
        ),
        migrations.RunSQL(sql_of(__file__), sql_of(__file__, "backward")),
    ]
