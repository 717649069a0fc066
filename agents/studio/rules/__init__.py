"""The section in which a run's rules are read: where each comes from, what it changed, and which were taken back."""
