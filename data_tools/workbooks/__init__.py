"""Spreadsheets (.xlsx, .xlsb, .xls, .ods) as streams of cells, read in a process of their own.

A workbook has to be in memory as a whole, and what reads it ends the process when there is too
little. So `python -m data_tools.workbooks` reads it, within limits of memory and time that the
operating system holds, and whoever asked only sees it fail. Nothing here knows of Django.
"""
