"""What the city holds to be so, and who said it when: statements are appended and superseded, never edited."""
