"""The API described for programs: OpenAPI 3.1 at `/api/schema/`, to try at `/api/docs/`."""
