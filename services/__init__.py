"""The engine: the trading loop, the services it calls, and the brokers it talks to (DTC, the simulator).

Reaches storage and the broker through the protocols of `core.ports`. No Qt, no SQL, no clock read in a service; never
imports `panels` or `data`.
"""
