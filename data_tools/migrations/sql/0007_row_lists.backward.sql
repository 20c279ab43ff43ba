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
