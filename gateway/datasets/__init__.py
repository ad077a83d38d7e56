"""Data sets for demonstrations: public activity of real and synthetic customers, loaded as profiles."""
