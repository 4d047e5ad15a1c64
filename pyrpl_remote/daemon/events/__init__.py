"""What clients subscribe to: changes of attributes, and curves."""
