"""A benchmark on disk, and how its questions are put."""
