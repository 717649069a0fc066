"""Rendered scenes of `python -m tools scenes`."""
