"""What a text claims of its image: numbers, places, order; read from its words, and held against boxes."""
