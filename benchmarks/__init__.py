"""The service measured beside its peers, in one run. See docs/performance.md."""
