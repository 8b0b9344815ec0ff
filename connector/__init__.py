"""Does what the engine decides: everything that touches the outside."""
