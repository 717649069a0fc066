"""What a text says of where things are."""
