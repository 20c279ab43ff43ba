CREATE FUNCTION session_events_append_one(
    p_stream_id uuid,
    p_expected_version bigint,
    p_status text,
    p_is_open boolean,
    p_event_id uuid,
    p_wire_name text,
    p_schema_version smallint,
    p_payload text,
    p_metadata text,
    p_recorded_at timestamptz,
    p_hash bytea,
    p_client_operation_id uuid
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF p_client_operation_id IS NOT NULL AND EXISTS (
        SELECT FROM session_events_sessionevent e
        WHERE e.stream_id = p_stream_id AND e.client_operation_id = p_client_operation_id
    ) THEN
        RETURN false;
    END IF;
    UPDATE session_events_sessionstream s SET
        version = p_expected_version + 1, head_hash = p_hash,
        status = p_status, is_open = p_is_open, last_event_at = p_recorded_at
        WHERE s.id = p_stream_id AND s.version = p_expected_version;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO session_events_sessionevent
        (event_id, stream_id, sequence, wire_name, schema_version, payload, metadata,
         recorded_at, hash, client_operation_id)
    VALUES (p_event_id, p_stream_id, p_expected_version + 1, p_wire_name, p_schema_version,
            p_payload, p_metadata, p_recorded_at, p_hash, p_client_operation_id);
    RETURN true;
END
$$;
