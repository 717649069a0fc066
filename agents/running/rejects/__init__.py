"""What a run does about rejects: it stops when all end alike, and asks again for those that it is told to."""
