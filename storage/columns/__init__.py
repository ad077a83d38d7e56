"""Events of profiles re-encoded as columns, cut by count, so that a figure's cost does not follow the history."""
