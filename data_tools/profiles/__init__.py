"""A column's profile: figures of its values, measured over a session's rows and stored."""
