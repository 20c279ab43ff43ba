"""Error reports and transactions for Sentry, made of facts that are known to be safe.

Note [Made, not cleaned]
    What leaves the service never holds a value of a user's. A list of what to remove would be
    complete only until the next library, header or message. So nothing is removed: a report is
    built anew from what is listed here (ids, codes, counts, names in the source code, route
    patterns, lines of source code), each checked for its shape, and everything else stays here.
    No integration of the SDK collects requests, statements, breadcrumbs or local variables.

- `sending` starts the SDK, and stops everything but these reports at its transport
- `errors` makes the report of a logged or uncaught error
- `transactions` makes one transaction of a request or job, of the `steps` that were kept
- `about` says what both are about: trace, tags, user, and what the work took
- `stack` keeps of an exception where it happened, and not what it says
- `last_steps` tells what the session's user did last
- `repeats` keeps a fault that occurs a thousand times from being a thousand reports
- `shapes` are what values are checked for
"""
