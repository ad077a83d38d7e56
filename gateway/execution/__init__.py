"""Execution of operations: documents prepared once, within limits, bounded in time, with every error rendered."""
