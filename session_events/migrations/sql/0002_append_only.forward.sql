CREATE FUNCTION session_events_append(
    p_stream_id uuid,
    p_user_id bigint,
    p_dataset_id uuid,
    p_expected_version bigint,
    p_status text,
    p_is_open boolean,
    p_event_ids uuid[],
    p_wire_names text[],
    p_schema_versions smallint[],
    p_payloads text[],
    p_metadata text[],
    p_recorded_at timestamptz[],
    p_hashes bytea[],
    p_client_operation_ids uuid[],
    OUT outcome text,
    OUT version bigint
) LANGUAGE plpgsql AS $$
DECLARE
    v_count integer := cardinality(p_event_ids);
    v_repeated bigint;
BEGIN
    IF p_expected_version = 0 THEN
        INSERT INTO session_events_sessionstream
            (id, user_id, dataset_id, version, head_hash, status, is_open, started_at,
             last_event_at)
        VALUES (p_stream_id, p_user_id, p_dataset_id, v_count, p_hashes[v_count], p_status,
                p_is_open, p_recorded_at[1], p_recorded_at[v_count])
        ON CONFLICT (user_id, dataset_id) WHERE is_open DO NOTHING;
        IF NOT FOUND THEN
            outcome := 'already_open';
            RETURN;
        END IF;
    ELSE
        SELECT s.version INTO version FROM session_events_sessionstream s
            WHERE s.id = p_stream_id FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            outcome := 'no_stream';
            RETURN;
        END IF;
        SELECT e.sequence INTO v_repeated FROM session_events_sessionevent e
            WHERE e.stream_id = p_stream_id AND e.client_operation_id = ANY (p_client_operation_ids)
            ORDER BY e.sequence LIMIT 1;
        IF FOUND THEN
            outcome := 'repeated';
            version := v_repeated;
            RETURN;
        END IF;
        IF version <> p_expected_version THEN
            outcome := 'conflict';
            RETURN;
        END IF;
        UPDATE session_events_sessionstream s SET
            version = p_expected_version + v_count, head_hash = p_hashes[v_count],
            status = p_status, is_open = p_is_open, last_event_at = p_recorded_at[v_count]
            WHERE s.id = p_stream_id;
    END IF;
    INSERT INTO session_events_sessionevent
        (event_id, stream_id, sequence, wire_name, schema_version, payload, metadata, recorded_at,
         hash, client_operation_id)
    SELECT e.event_id, p_stream_id, p_expected_version + e.place, e.wire_name, e.schema_version,
           e.payload, e.metadata, e.recorded_at, e.hash, e.client_operation_id
    FROM unnest(p_event_ids, p_wire_names, p_schema_versions, p_payloads, p_metadata,
                p_recorded_at, p_hashes, p_client_operation_ids)
        WITH ORDINALITY AS e (event_id, wire_name, schema_version, payload, metadata, recorded_at,
                              hash, client_operation_id, place);
    outcome := 'appended';
    version := p_expected_version + v_count;
END
$$;

CREATE FUNCTION session_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the event log is append-only: % of events is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;
-- Statement triggers, since row triggers do not see TRUNCATE; ALWAYS, since others are skipped
-- when session_replication_role is replica.
CREATE TRIGGER session_event_refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON session_events_sessionevent
    FOR EACH STATEMENT EXECUTE FUNCTION session_events_refuse_change();
ALTER TABLE session_events_sessionevent ENABLE ALWAYS TRIGGER session_event_refuse_change;
