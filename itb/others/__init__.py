"""Other people's benchmarks, asked and reported by the same commands as ITB."""
