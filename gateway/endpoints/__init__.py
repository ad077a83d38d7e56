"""What is served beside /graphql: ingestion, confirmation links, health and metrics, and GraphiQL."""
