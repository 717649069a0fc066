"""From datasets to a benchmark folder, and its audit."""
