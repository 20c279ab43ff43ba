"""Columns kept a second time, in the form that work on one column of every row wants.

Note [Column blocks]
    Rows are stored as JSON, a row at a time: right for pages, slow for whatever looks at one column
    of every row. Since rows never change, each column is kept once more as blocks of some thousand
    values, packed as Arrow arrays, and is never out of date. The rows stay the record. Blocks are
    derived from them and may be missing at any time: then whatever would have read them reads the
    rows, with the same answer.

    - A *base column* is a column of the dataset itself. The transaction that publishes the rows
      writes the blocks of all of them; that there is the first tells that a revision is packed. A
      job packs those that are not.
    - A *computed column* is what operations made of one. It is kept under a digest of all that
      defines it, and removed when it was not used for long.
    - A column whose JSON texts do not all follow from the packed values has no blocks: see
      `json_values`.
    - A block that differs from its digest is reported, and its column removed, and with a base
      column the first, so that the job packs the revision anew.

    How many rows are in a block is up to the block: see `cutting`. docs/decisions/0035 says what
    was measured.
"""
