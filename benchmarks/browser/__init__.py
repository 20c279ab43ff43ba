"""What a person waits for in the studio, measured in a real browser."""
