"""In the way of pandas, which only the tests have: pyarrow imports it wherever it finds it.

On the path of the programs that tests start, which run as in production, and start faster.
"""

raise ImportError("pandas is not among the service's requirements")
