"""Live subscriptions: what each of them streams of the feeds that it follows."""
