"""Alignment and instruction tuning, resumed exactly."""
