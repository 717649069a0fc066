"""The Infrared Template Benchmark (paper 4). Not written yet: see the CHANGELOG."""
