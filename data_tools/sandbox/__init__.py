"""A sandbox that reads workbooks and Parquet: a process of its own, limited in memory and time.

A few bytes of such a file can expand to any size, and the library that reads it may abort the
process when memory runs out. So `python -m data_tools.sandbox` reads the file, within limits that
the operating system enforces, and writes its rows in batches of bounded size; the caller only sees
the process fail. Nothing here imports Django.
"""
