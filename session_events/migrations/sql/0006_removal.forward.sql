CREATE FUNCTION session_events_remove_stream(
    p_stream_id uuid,
    p_at_version bigint,
    p_reason text,
    p_removed_by text,
    p_removed_at timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_head session_events_sessionstream;
BEGIN
    -- Appends to the stream wait here, and then find no stream.
    SELECT * INTO v_head FROM session_events_sessionstream WHERE id = p_stream_id FOR UPDATE;
    IF NOT FOUND OR v_head.version <> p_at_version THEN
        RETURN false;
    END IF;
    -- The tombstone comes first, and is true when all is done.
    SET CONSTRAINTS stream_tombstone_is_true DEFERRED;
    INSERT INTO session_events_streamtombstone
        (stream_id, user_id, dataset_id, event_count, last_sequence, last_hash, reason, removed_at,
         removed_by)
    SELECT v_head.id, v_head.user_id, v_head.dataset_id, count(*), coalesce(max(sequence), 0),
           coalesce((array_agg(hash ORDER BY sequence DESC))[1], v_head.head_hash),
           p_reason, p_removed_at, p_removed_by
    FROM session_events_sessionevent WHERE stream_id = p_stream_id;
    DELETE FROM session_events_sessionsnapshot WHERE stream_id = p_stream_id;
    DELETE FROM session_events_sessionevent WHERE stream_id = p_stream_id;
    DELETE FROM session_events_sessionstream WHERE id = p_stream_id;
    RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION session_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM session_events_streamtombstone
        WHERE transaction_id = pg_current_xact_id_if_assigned()::text::bigint
    ) THEN
        RETURN NULL;  -- the check behind the statement decides
    END IF;
    RAISE EXCEPTION 'the event log is append-only: % of events is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE FUNCTION session_events_require_tombstones() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_stream_id uuid;
BEGIN
    SELECT gone.stream_id INTO v_stream_id FROM (
        SELECT stream_id, count(*) AS event_count, max(sequence) AS last_sequence,
               (array_agg(hash ORDER BY sequence DESC))[1] AS last_hash
        FROM removed_events GROUP BY stream_id
    ) AS gone
    WHERE NOT EXISTS (
        SELECT FROM session_events_streamtombstone AS tombstone
        WHERE tombstone.stream_id = gone.stream_id
            AND tombstone.transaction_id = pg_current_xact_id()::text::bigint
            AND tombstone.event_count = gone.event_count
            AND tombstone.last_sequence = gone.last_sequence
            AND tombstone.last_hash = gone.last_hash
    ) OR EXISTS (
        SELECT FROM session_events_sessionevent AS event WHERE event.stream_id = gone.stream_id
    )
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the event log is append-only: stream % goes whole and for a tombstone that'
            ' says so, or not at all', v_stream_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER session_event_require_tombstones
    AFTER DELETE ON session_events_sessionevent REFERENCING OLD TABLE AS removed_events
    FOR EACH STATEMENT EXECUTE FUNCTION session_events_require_tombstones();
ALTER TABLE session_events_sessionevent ENABLE ALWAYS TRIGGER session_event_require_tombstones;

CREATE FUNCTION session_events_stamp_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.transaction_id := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END
$$;
CREATE TRIGGER stream_tombstone_stamp
    BEFORE INSERT ON session_events_streamtombstone
    FOR EACH ROW EXECUTE FUNCTION session_events_stamp_tombstone();
ALTER TABLE session_events_streamtombstone ENABLE ALWAYS TRIGGER stream_tombstone_stamp;

CREATE FUNCTION session_events_refuse_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'tombstones are append-only: % of them is refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT FROM session_events_sessionstream WHERE id = NEW.stream_id)
        OR EXISTS (SELECT FROM session_events_sessionevent WHERE stream_id = NEW.stream_id)
    THEN
        RAISE EXCEPTION 'stream % is still there: a tombstone for it is refused', NEW.stream_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER stream_tombstone_refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON session_events_streamtombstone
    FOR EACH STATEMENT EXECUTE FUNCTION session_events_refuse_tombstone();
ALTER TABLE session_events_streamtombstone ENABLE ALWAYS TRIGGER stream_tombstone_refuse_change;
CREATE CONSTRAINT TRIGGER stream_tombstone_is_true
    AFTER INSERT ON session_events_streamtombstone DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION session_events_refuse_tombstone();
ALTER TABLE session_events_streamtombstone ENABLE ALWAYS TRIGGER stream_tombstone_is_true;
