"""Commands of the review by people."""
