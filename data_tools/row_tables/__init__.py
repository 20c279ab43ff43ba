"""Which table a revision's rows lie in, and the tables that belong to one revision alone.

Note [Where rows lie]
    In one table for all revisions, the rows of a dataset end up anywhere: a vacuum notes the rest
    of each page, into which one row of a narrower dataset fits, and so that dataset's rows are
    spread over fifteen times the pages that they need (docs/decisions/0038). A revision of at least
    `OWN_TABLE_ROWS` rows therefore has a table of its own. It is made in the transaction that
    writes the rows, filled in row order, indexed, and dropped with the revision. All others share
    `data_tools_datarow`.

    `DataSource.own_tables` lists the revisions with such a table. Statements that read rows name
    the one table in which they lie. Rows never change, and a revision moves at most once, into a
    table of its own; its rows stay in the shared one for an hour longer (`revisions.row_moving`).
    So a process may remember for a minute where rows lie.

Note [Children of the shared table]
    An own table inherits from `data_tools_own_rows`, which is empty and inherits from the shared
    table. Whoever reads `data_tools_datarow` without ONLY sees all rows: servers of the version
    before, and people who look into the database. We do not, since it costs a look at every table.
    The empty table in between is what a new child locks: on the shared table, it would wait for
    each vacuum and cancel it.
"""
