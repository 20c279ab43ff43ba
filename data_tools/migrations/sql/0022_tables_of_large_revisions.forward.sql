-- Returns false if somebody is still reading the table: a deletion does not wait for long work. And
-- if the table is another user's, who lets this one read and write it.
CREATE FUNCTION data_tools_drop_own_rows(dataset uuid, number integer) RETURNS boolean
LANGUAGE plpgsql SET lock_timeout = '500ms' AS $$
DECLARE
    own text := 'data_tools_rows_' || replace(dataset::text, '-', '') || '_' || number;
BEGIN
    IF to_regclass(own) IS NOT NULL THEN
        EXECUTE format('DROP TABLE %I', own);
    END IF;
    RETURN true;
EXCEPTION WHEN lock_not_available OR insufficient_privilege THEN
    RETURN false;
END
$$;

CREATE OR REPLACE FUNCTION data_tools_delete_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number integer;
BEGIN
    DELETE FROM data_tools_movedrevision WHERE dataset_id = OLD.id;
    -- These have a foreign key, and are unknown to servers of older versions.
    DELETE FROM data_tools_storedrevision WHERE dataset_id = OLD.id;
    DELETE FROM data_tools_keptprofile WHERE dataset_id = OLD.id;
    FOREACH number IN ARRAY OLD.own_tables LOOP
        IF NOT data_tools_drop_own_rows(OLD.id, number) THEN
            EXECUTE format(
                'DELETE FROM %I', 'data_tools_rows_' || replace(OLD.id::text, '-', '') || '_' || number
            );
        END IF;
    END LOOP;
    DELETE FROM ONLY data_tools_datarow WHERE dataset_id = OLD.id;
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
