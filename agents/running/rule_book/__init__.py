"""The rules of finished runs: tried on captions that no run has seen, and taken back from a pack."""
