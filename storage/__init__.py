"""The only code that knows MongoDB and Redis: documents, indexes, queries and the write path."""
