"""What a panel shows, as a file: the making of sheets and reports (pure), the question where to, the printed page.

Nothing here writes into the data folder, and nothing decides: writing is done beside the window's thread, by `app`.
"""
