"""Charts painted by ourselves: each is given a value to draw and says the same in words. No messages, no state."""
