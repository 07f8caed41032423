"""Everything that is kept: the SQLite file, its schema and migrations, and the repositories over it.

The only room with SQL in it. No Qt, no trading decision; never imports `services` or `panels`.
"""
