"""What the service shows of itself: trace ids, log lines, error reports, metrics."""
