"""Files read in a process of their own, confined in memory and time: workbooks and Parquet.

A few bytes of such a file can unfold to any size, and what reads it may end its process when there
is too little memory. So `python -m data_tools.sandbox` reads it, within limits that the operating
system holds, and writes its rows out in batches of bounded size; whoever asked only sees it fail.
Nothing here knows of Django.
"""
