"""Who appends events in W7: each module's `writer` returns a function that makes one durable."""
