"""The file formats: which one a file is in, and a reader for each that yields a table."""
