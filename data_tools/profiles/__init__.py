"""What a column holds, in figures: measured from a session's rows, and kept."""
