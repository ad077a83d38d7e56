"""Taking events in, from ingestion and `eventsCreate`: they are checked, grouped by profile, and written together."""
