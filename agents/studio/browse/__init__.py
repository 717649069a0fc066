"""The section in which images are looked at: a list with filters, and one image with all that was said about it."""
