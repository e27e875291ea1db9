"""The fourteen everyday formulas against PyTorch, and the table of their readings."""
