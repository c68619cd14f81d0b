"""What a signature's visible stamp shows people, read from its drawing (rule R8): `shown` is where it begins.

A drawing is read by a list of what is understood; anything else makes the stamp one that cannot be read.
"""
