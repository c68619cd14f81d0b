"""What a plan, an order and an event are, and what a routine demands of them. Pure: no I/O, no clock."""
