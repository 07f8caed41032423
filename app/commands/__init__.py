"""The commands beside the terminal, one file each: they examine the books, copy them, export them."""
