"""Radiometric FLIR JPEGs: the pictures, and the temperatures in them."""
