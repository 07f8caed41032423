"""What the trader sees: widgets with one way in, `refresh(snapshot)`, and one way out, the signal `intent`.

Qt lives here and in `app`. A panel never reaches a service, a repository or a socket; it asks, and draws the answer.
"""
