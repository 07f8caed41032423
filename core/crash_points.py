"""The named steps at which a test may kill the process. Each is reached through a Checkpoint passed in by `app`.

The list is the interface: a test loops over all of it, so a new point is covered by being named here.
"""

CRASH_POINTS: tuple[str, ...] = (
    "order.before_intent",
    "order.intent_committed",
    "order.handed_over",
    "send.started",
    "send.done",
    "order.report_received",
    "order.report_committed",
    "change.intent_committed",
    "change.handed_over",
    "fill.received",
    "fill.ledger_written",
    "fill.position_written",
    "fill.trade_written",
    "fill.committed",
    "fill.published",
    "close.requested",
    "close.operation_committed",
    "close.cancel_sent",
    "close.order_committed",
    "close.order_handed_over",
    "close.setback_committed",
    "close.verified",
    "recovery.loaded",
    "recovery.snapshot_received",
    "recovery.digested",
    "recovery.correction_committed",
    "emergency.written",
    "emergency.merged_one",
    "emergency.renamed",
    "migration.before_commit",
    "migration.done",
)
