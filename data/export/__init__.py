"""The books as files for other programs: what is exported, how it is read, and one writer for each format.

Nothing here writes to the database. Files are written under a name given by the caller, who renames what is whole.
"""
