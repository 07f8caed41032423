"""What `bootstrap` does before the program can be imported: system packages, environment, locked dependencies.

Standard library only, and nothing of the other rooms: none of them can be imported yet.
"""
