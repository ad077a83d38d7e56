"""Importing profiles from files, row by row, with a report."""
