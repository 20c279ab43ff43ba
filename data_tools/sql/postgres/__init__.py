"""Django's PostgreSQL backend, with a deadline for each request. It is the ENGINE of `DATABASES`.

Note [Ended from outside]
    The server enforces `statement_timeout`, but it may be frozen or out of reach. So each call that
    a request makes is watched, and is ended by shutting its connection down. libpq then returns at
    once, whatever the server does, and the server ends the statement and its parallel workers
    within a second (`client_connection_check_interval`). Cancelling would need another connection
    to the same server, and could hit the next statement. The connection is thrown away.

    A call that only reads is ended as soon as nobody waits for it. One that makes a change durable
    (a write outside of a transaction, or a COMMIT) is begun only before the deadline, and then has
    ten seconds at least: its outcome matters, and would be unknown if it were ended.

    None of this applies to jobs and commands, which have no deadline.
"""
