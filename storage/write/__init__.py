"""The one write path: a working copy of a profile, what changed in it, and the transaction that writes it."""
