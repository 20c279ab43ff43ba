CREATE TABLE data_tools_own_rows (
    CONSTRAINT data_tools_own_rows_is_empty CHECK (false) NO INHERIT
) INHERITS (data_tools_datarow);

-- Of an UPDATE that names this table, and so all own tables, no other trigger is called.
CREATE TRIGGER data_row_refuse_update BEFORE UPDATE ON data_tools_own_rows
    FOR EACH STATEMENT EXECUTE FUNCTION data_tools_refuse_row_update();
ALTER TABLE data_tools_own_rows ENABLE ALWAYS TRIGGER data_row_refuse_update;
