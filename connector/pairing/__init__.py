"""How a shop with our plugin joins a programme, moves, and leaves: ADR 27."""
