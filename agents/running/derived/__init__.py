"""Runs that are made of finished runs: shards put together, captions filtered again."""
