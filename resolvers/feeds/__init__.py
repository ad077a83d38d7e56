"""Feeds: one for each profile or workspace that somebody follows, which reads the journal on. They know no request."""
