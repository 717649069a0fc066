"""From rows of many layouts to batches: read, checked, encoded, collated."""
