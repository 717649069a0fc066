"""What is known of an image, told alike to the writer and the judge: grouped boxes, and what contradicts what."""
