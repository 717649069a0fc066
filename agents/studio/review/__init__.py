"""The section in which people review a run's texts, one at a time."""
