"""The running process: what `serve` and `run` do, the server, demo data, and what the terminal shows."""
