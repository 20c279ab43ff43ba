"""W11: clients over HTTP, at the same time, on the server as in production."""
