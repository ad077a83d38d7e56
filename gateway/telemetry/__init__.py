"""What operators see: logs, metrics, traces, and whether the stores answer."""
