"""What a bead's branch changed, for people and editors."""
