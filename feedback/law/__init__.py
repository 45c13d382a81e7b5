"""What law adds to a text: its words without markup, the authorities it cites, and what it quotes."""
