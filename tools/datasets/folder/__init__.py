"""A folder of images of one's own: nothing but pictures, whatever they are called and however they are nested."""
