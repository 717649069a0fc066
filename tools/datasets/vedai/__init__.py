"""VEDAI, near-infrared tiles."""
