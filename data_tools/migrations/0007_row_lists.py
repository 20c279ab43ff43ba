"""Tables for lists of row numbers: derived data, so not logged, and gone with what it is made of.

Triggers rather than foreign keys remove blocks: a check of each block would cost more than the
block. Emptying either table empties both, so that a list is there whole or not at all.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
ALTER TABLE data_tools_rowlistblock SET UNLOGGED;
ALTER TABLE data_tools_rowlist SET UNLOGGED;
ALTER TABLE data_tools_rowlist ADD CONSTRAINT row_list_goes_with_its_parent
    FOREIGN KEY (parent_id) REFERENCES data_tools_rowlist (id) ON DELETE CASCADE;

CREATE FUNCTION data_tools_delete_blocks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM data_tools_rowlistblock WHERE list_id = OLD.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER row_list_delete_blocks AFTER DELETE ON data_tools_rowlist
    FOR EACH ROW EXECUTE FUNCTION data_tools_delete_blocks();

CREATE FUNCTION data_tools_empty_row_lists() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM data_tools_rowlistblock;
    DELETE FROM data_tools_rowlist;
    RETURN NULL;
END
$$;
CREATE TRIGGER row_list_emptied AFTER TRUNCATE ON data_tools_rowlist
    FOR EACH STATEMENT EXECUTE FUNCTION data_tools_empty_row_lists();
CREATE TRIGGER row_list_block_emptied AFTER TRUNCATE ON data_tools_rowlistblock
    FOR EACH STATEMENT EXECUTE FUNCTION data_tools_empty_row_lists();

CREATE OR REPLACE FUNCTION data_tools_delete_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM data_tools_datarow WHERE dataset_id = OLD.id;
    DELETE FROM data_tools_rowlist WHERE dataset_id = OLD.id;
    RETURN NULL;
END
$$;

-- For a statement that reads through a list: rather no answer than one without rows.
CREATE FUNCTION data_tools_require_row_list(wanted uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT FROM data_tools_rowlist WHERE id = wanted) THEN
        RETURN true;
    END IF;
    RAISE EXCEPTION 'the list of rows % has just been removed', wanted USING ERRCODE = 'RL001';
END
$$;
"""

BACKWARD = """
DROP FUNCTION data_tools_require_row_list(uuid);
CREATE OR REPLACE FUNCTION data_tools_delete_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM data_tools_datarow WHERE dataset_id = OLD.id;
    RETURN NULL;
END
$$;
DROP TRIGGER row_list_block_emptied ON data_tools_rowlistblock;
DROP TRIGGER row_list_emptied ON data_tools_rowlist;
DROP FUNCTION data_tools_empty_row_lists();
DROP TRIGGER row_list_delete_blocks ON data_tools_rowlist;
DROP FUNCTION data_tools_delete_blocks();
ALTER TABLE data_tools_rowlist DROP CONSTRAINT row_list_goes_with_its_parent;
"""


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0006_exact_integers_from_text")]

    operations = [
        migrations.CreateModel(
            name="RowListBlock",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "list_id",
                        "block",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("list_id", models.UUIDField()),
                ("block", models.BigIntegerField()),
                ("rows_before", models.BigIntegerField()),
                (
                    "row_numbers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("list_id", "rows_before"), name="row_list_block_has_its_place"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RowList",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("dataset_id", models.UUIDField()),
                ("revision", models.PositiveIntegerField()),
                ("row_count", models.BigIntegerField()),
                ("used_at", models.DateTimeField()),
                (
                    "parent",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="data_tools.rowlist",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["dataset_id", "revision"], name="row_list_of_dataset")
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
