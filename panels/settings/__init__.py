"""The settings window: one small file per page. A page shows a state and emits what is wanted; it stores nothing."""
