"""How each foreign benchmark comes: one module a benchmark, one line each in the table `FOREIGN_BENCHMARKS`."""
