"""Small parts for trying and for experiments: stand-ins, towers and language models of a few megabytes."""
