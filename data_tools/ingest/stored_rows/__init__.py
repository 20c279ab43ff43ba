"""Rows as they are stored: their JSON, their fingerprint, and how they get into the database."""
