"""A dataset's rows are deleted with it, whoever deletes it: a user's cascade or the admin as well.

The foreign key of a row has no database constraint (see `DataRow`), so nothing else would.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION data_tools_delete_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM data_tools_datarow WHERE dataset_id = OLD.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER data_source_delete_rows AFTER DELETE ON data_tools_datasource
    FOR EACH ROW EXECUTE FUNCTION data_tools_delete_rows();
"""

BACKWARD = """
DROP TRIGGER data_source_delete_rows ON data_tools_datasource;
DROP FUNCTION data_tools_delete_rows();
"""


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0003_safe_casts")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
