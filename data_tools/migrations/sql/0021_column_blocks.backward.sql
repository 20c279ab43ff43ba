CREATE OR REPLACE FUNCTION data_tools_delete_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM data_tools_datarow WHERE dataset_id = OLD.id;
    DELETE FROM data_tools_rowlist WHERE dataset_id = OLD.id;
    RETURN NULL;
END
$$;
ALTER TABLE data_tools_columnblock DROP CONSTRAINT column_block_goes_with_its_column;
