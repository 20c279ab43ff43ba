-- While servers of the version before still run, its tokens in clear and their hashes stay alike:
-- one that is given or ended here is given or ended there.
CREATE FUNCTION data_tools_carry_over_token() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM data_tools_apitoken
        WHERE digest = encode(sha512(convert_to(OLD.key, 'UTF8')), 'hex');
    ELSE
        INSERT INTO data_tools_apitoken
            (digest, token_key, user_id, created, expiry, public_id, name, replaces)
        VALUES (
            encode(sha512(convert_to(NEW.key, 'UTF8')), 'hex'), left(NEW.key, 8), NEW.user_id,
            NEW.created, now() + make_interval(days => TG_ARGV[0]::integer), gen_random_uuid(),
            'before ' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD'), ''
        )
        ON CONFLICT (digest) DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER data_tools_carry_over_token AFTER INSERT OR DELETE ON authtoken_token
    FOR EACH ROW EXECUTE FUNCTION data_tools_carry_over_token('{days}');

CREATE FUNCTION data_tools_end_token_in_clear() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM authtoken_token
    WHERE user_id = OLD.user_id AND encode(sha512(convert_to(key, 'UTF8')), 'hex') = OLD.digest;
    RETURN NULL;
END
$$;
CREATE TRIGGER data_tools_end_token_in_clear AFTER DELETE ON data_tools_apitoken
    FOR EACH ROW EXECUTE FUNCTION data_tools_end_token_in_clear();
