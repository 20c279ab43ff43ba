DROP FUNCTION session_events_remove_stream;
DROP TRIGGER session_event_require_tombstones ON session_events_sessionevent;
DROP FUNCTION session_events_require_tombstones();
CREATE OR REPLACE FUNCTION session_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the event log is append-only: % of events is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;
DROP TRIGGER stream_tombstone_is_true ON session_events_streamtombstone;
DROP TRIGGER stream_tombstone_refuse_change ON session_events_streamtombstone;
DROP TRIGGER stream_tombstone_stamp ON session_events_streamtombstone;
DROP FUNCTION session_events_refuse_tombstone();
DROP FUNCTION session_events_stamp_tombstone();
