"""HIT-UAV, three forms."""
