"""The studio: a run in the browser."""
