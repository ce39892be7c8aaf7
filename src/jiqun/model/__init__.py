"""The nouns: frozen values of the standard library only, importing nothing above them."""
