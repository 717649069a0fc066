"""FLIR ADAS, three releases."""
