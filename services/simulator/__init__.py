"""A broker and an exchange on loopback: a DTC server with a deterministic price-time matching engine.

Here live the synthetic market, the matching, the accounts and the server of the simulator. It uses the
sans-io half of `services.dtc` and nothing else of the terminal: it keeps its own orders, positions and
arithmetic, so that a mistake in the terminal's domain code cannot be agreed with by its broker. No SQL (see
`data.simulator_store`), no Qt.
"""
