"""The executor `ray`: conversations in actors on many machines, everything kept on the driver's disk."""
