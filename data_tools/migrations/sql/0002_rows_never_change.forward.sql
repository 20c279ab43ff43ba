CREATE FUNCTION data_tools_refuse_row_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of a dataset are never updated; a transformation is an event in the log'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER data_row_refuse_update BEFORE UPDATE ON data_tools_datarow
    FOR EACH STATEMENT EXECUTE FUNCTION data_tools_refuse_row_update();
ALTER TABLE data_tools_datarow ENABLE ALWAYS TRIGGER data_row_refuse_update;
