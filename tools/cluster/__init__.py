"""Actors on many machines, through Ray: joined, kept alive, given work. Ray is imported when a cluster is joined."""
