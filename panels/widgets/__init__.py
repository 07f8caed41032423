"""Small widgets and table models that several panels share.

They draw values handed to them. No trading rule, no service, no state beyond what was last drawn.
"""
