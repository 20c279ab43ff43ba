"""What the service takes, measured against its peers in one run. See docs/performance.md."""
