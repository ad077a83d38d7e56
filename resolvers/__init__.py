"""Use cases: functions named with verbs that take plain values and return documents."""
