CREATE FUNCTION data_tools_end_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The same password under a newer hash; see `data_tools.http.sign_in`.
    IF NEW.is_active AND current_setting('hydroml.same_password', true) = 'on' THEN
        RETURN NULL;
    END IF;
    DELETE FROM data_tools_apitoken WHERE user_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER data_tools_end_tokens AFTER UPDATE ON auth_user FOR EACH ROW
    WHEN (OLD.password IS DISTINCT FROM NEW.password OR (OLD.is_active AND NOT NEW.is_active))
    EXECUTE FUNCTION data_tools_end_tokens();
