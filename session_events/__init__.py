"""The event log: every session is a stream of events, and its state a fold of them.

Where to find what:

- what can be recovered, and what to do next: `recovery.decision`
- the vocabulary: `events`, and `upcasters` for older versions of it
- the pure core: `envelope` (bytes and hash chain), `state` (the fold), `replay` (the fold, checked)
- writing and reading: `store` (the only writer), `heads`, `loading`, `snapshots`
- the use cases: `services`, `recording` (how a command is recorded), `forking`, `pending`,
  `activity`, `saved_sessions`, `time_travel` and `recovery.service`
- background work: `tasks`, `snapshot_jobs`, `snapshot_trigger`, `expiry`, `integrity`, `removal`
- for operators: `admin`, `inspection`, and the commands in `management`
"""
