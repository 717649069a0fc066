"""The studio's index of a run: what images are found and sorted by, in a file of its own beside no run."""
