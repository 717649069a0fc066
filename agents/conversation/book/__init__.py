"""What tells rules of the book apart: what a rule names, and which rules a pack takes back."""
