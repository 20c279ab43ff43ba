"""What can be recovered of a session, and how it is brought back.

- `decision`: `assess`, the one place that decides what can be recovered and what to do next
- `verdicts`: the values that a decision consists of
- `source_changes`: the part of the decision that is about a dataset with a new file
- `context`: what the decision needs to know of datasets and operations, from the application
- `service`: `validate` and `recover`, the use cases
- `attempt`, `actions`: one attempt at a recovery, and the ways to carry it out
- `rebasing`: work moved to the new file, as events of a new session
"""
