"""The journal read back: history, as of a moment, tails for live feeds, and verification."""
