"""Figures of a column's values in this process, equal to the last bit to those of the database."""
