"""EPFL RGB-NIR Scene."""
