"""Sessions are found by dataset and by trace id. See Note [Found by trace id] in `trace_ids`."""

from django.db import migrations, models
from django.db.models.functions import Left


def _part(text, separator: str, number: int) -> models.Func:
    return models.Func(
        text,
        models.Value(separator),
        models.Value(number),
        function="split_part",
        output_field=models.TextField(),
    )


_TRACE_ID = Left(_part(_part(models.F("metadata"), '"trace_id":"', 2), '"', 1), 64)


class Migration(migrations.Migration):
    dependencies = [("session_events", "0006_removal")]

    operations = [
        migrations.AddIndex(
            model_name="sessionevent",
            index=models.Index(_TRACE_ID, name="session_event_trace"),
        ),
        migrations.AddIndex(
            model_name="sessionstream",
            index=models.Index(fields=["dataset_id"], name="session_stream_dataset"),
        ),
    ]
