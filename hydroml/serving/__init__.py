"""The HTTP server inside each gunicorn worker: one event loop, and threads behind it.

Note [A loop in front of the threads]
    One loop of waitress's reads requests and writes answers, and its threads only ever see complete
    requests. A client that sends or reads slowly costs a socket and a bounded temporary file, never
    a thread. gunicorn still starts, watches and stops the processes, and its parser reads the head
    of every request and decides what is refused. Which request a thread answers next is decided in
    `turns`.

Note [Stopping refuses nobody]
    A process that is told to stop first accepts the connections that the operating system has
    already made for it, and closes its listening socket at once. While another process listens on
    the same socket, that one gets all further connections; otherwise they are refused, which a
    proxy takes for a reason to ask another server. Were the socket left open, the system would go
    on making connections that nobody serves, and reset them at the end.

    Each connection may still bring requests. The answer to the next one announces that it was the
    last. One that brings none is closed when it has been idle for as long as any idle connection
    may be, not at once: a client, such as a proxy that keeps connections for a shorter time, could
    be sending its next request at that moment, and could not know whether it took effect.
"""
