"""Workers: each process has at most one, which works on one job at a time."""
