"""The data that is measured on, and the database around it."""
