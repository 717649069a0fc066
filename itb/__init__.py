"""The Infrared Template Benchmark, ITB (paper 4): build it from real datasets, evaluate models on it, report."""
