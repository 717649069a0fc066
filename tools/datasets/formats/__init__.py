"""Forms of annotation files that several datasets share."""
