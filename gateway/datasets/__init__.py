"""Data sets for demonstrations: real and synthetic activity of others, told as profiles of ours."""
