"""What `bench/rendering.py` sets beside our rendering: one module an engine, each with its own template."""
