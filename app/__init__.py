"""The composition root: builds every room, joins the threads, starts, stops and recovers the program.

The only room that sees every other one. No trading rule and no SQL of its own; `bootstrap` is the standard
library only.
"""
