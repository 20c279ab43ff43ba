"""Reads that a standby of the database may answer in place of the primary.

Note [What a replica may answer]
    Only what never changes once it is published: the stored rows of a revision, and the blocks of
    its columns. Which rows those are, and what the session made of them, is read from the primary
    in the same request, so a standby that is behind cannot give an old answer: it has the rows, or
    it lacks them. Whoever reads counts what came; if anything is missing, the primary is asked.

    Everything else stays with the primary: the log, datasets and their revisions, accounts, and
    lists of rows, whose unlogged tables a standby cannot read. So `validate`, `recover` and every
    command decide on the primary alone, and nothing depends on how far behind a standby is.

    Rows could differ under the same key only on a server with another history. Each new connection
    is therefore compared with the primary: it has to be in recovery, in the same cluster and on
    the timeline that the primary writes now. After a failover, a standby that follows is used again
    once it has written a restart point of the new timeline, usually within five minutes.
"""
