"""A programme's document as forms: which fields there are, how each is shown, and how what was typed gets back."""
