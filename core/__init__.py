"""The trading domain as the whole program shares it: messages, ports, snapshot, state and the error tree.

Knows nobody: nothing of `app`, `panels`, `services` or `data`, no Qt, no SQL, no socket. The rooms above meet only
here.
"""
