"""Taking events in: from ingestion and `eventsAdd`, checked, grouped by profile, and written together."""
