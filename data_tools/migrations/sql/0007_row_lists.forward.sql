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
