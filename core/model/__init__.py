"""The nouns of trading, one per file: frozen dataclasses and pure functions.

Only the standard library and itself. No Qt, SQL, threads, clock, logging or signals; price, money and quantity are
`Decimal`, time is aware UTC.
"""
