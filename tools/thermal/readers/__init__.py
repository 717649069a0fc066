"""The readers of infrared files, one module a kind; their table is `THERMAL_READERS`."""
