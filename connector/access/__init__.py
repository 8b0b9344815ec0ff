"""Who asks: keys, signatures, shoppers' tokens, and which pages may call."""
