"""The same work done by other software, from the file to the result."""
