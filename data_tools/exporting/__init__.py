"""A session's rows as a file: CSV, JSON Lines or Parquet, a piece at a time in bounded memory."""
