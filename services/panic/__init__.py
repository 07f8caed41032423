"""The kill switch: what a panic asks, what it does alone, and what it leaves behind; no Qt, no database, no engine."""
