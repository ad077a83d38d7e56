"""Taking events in, from ingestion and `eventsAdd`: they are checked, grouped by profile, and written together."""
