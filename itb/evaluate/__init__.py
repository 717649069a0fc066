"""A model's answers to a benchmark, kept in predictions files."""
