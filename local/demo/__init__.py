"""`python -m local demo`: the product at work on a simulated Azure, with a story that checks itself."""
