"""What tasks are made of: drafts, wordings, balanced blocks, counts, relations, thermograms."""
