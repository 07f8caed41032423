"""The steps from schema to schema, run by Alembic. A released step is never edited; the next change is a new file.

Each step raises `PRAGMA user_version` by one and is plain SQL: what it makes must not change when the program's
tables do.
"""
