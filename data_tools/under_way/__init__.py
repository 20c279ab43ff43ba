"""The requests under way: whose they are, their deadlines, and the gates they pass."""
