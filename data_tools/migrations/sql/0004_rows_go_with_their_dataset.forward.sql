CREATE FUNCTION data_tools_delete_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM data_tools_datarow WHERE dataset_id = OLD.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER data_source_delete_rows AFTER DELETE ON data_tools_datasource
    FOR EACH ROW EXECUTE FUNCTION data_tools_delete_rows();
