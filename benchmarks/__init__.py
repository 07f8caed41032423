"""Speed and memory, as ratios against floors of the same run. Not part of the tests: they never assert a time."""
