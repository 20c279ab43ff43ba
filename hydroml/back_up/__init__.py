"""Back up the database and the uploaded files into a folder, and restore them from it.

Note [A folder that looks complete is complete]
    A back-up is made in `FOLDER.unfinished` and renamed at the end, when everything in it is on the
    disk. Its manifest is written last. So whatever ends a back-up in the middle, there is no
    `FOLDER`; and a folder without a manifest is refused by `restore`.

Note [Files that the database names]
    A dataset's file is stored before the row that names it is committed, and deleted after the row
    was committed that no longer needs it. So every file that a snapshot of the database names was
    there when the snapshot was taken, but may be deleted before it is copied, when its rows are
    published or its dataset is deleted. Copying first would be no better: the snapshot would name
    files that arrived in between.

    So the files are copied after the snapshot is taken. Then the database is asked again, outside
    of the snapshot. If everything that the snapshot names is still named, no file can have gone in
    between, nor have been replaced by another of the same name, and the database is dumped from
    that snapshot. Otherwise a new snapshot is taken. What was copied stays, so each attempt is
    shorter than the one before, and most back-ups need one.
"""
