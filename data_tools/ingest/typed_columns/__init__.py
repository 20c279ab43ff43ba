"""The columns of a table as it is read: each settles its type, then gives its values as JSON."""
