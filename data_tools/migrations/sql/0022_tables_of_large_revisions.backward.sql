CREATE OR REPLACE FUNCTION data_tools_delete_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM data_tools_datarow WHERE dataset_id = OLD.id;
    DELETE FROM data_tools_rowlist WHERE dataset_id = OLD.id;
    -- Columns are locked before their blocks, and in this order, by all who remove them.
    PERFORM FROM data_tools_storedcolumn WHERE dataset_id = OLD.id
        ORDER BY revision, "column" FOR UPDATE;
    -- All blocks by one statement: the cascade takes one for each column.
    DELETE FROM data_tools_columnblock WHERE dataset_id = OLD.id;
    DELETE FROM data_tools_storedcolumn WHERE dataset_id = OLD.id;
    RETURN NULL;
END
$$;
DROP FUNCTION data_tools_drop_own_rows(uuid, integer);
