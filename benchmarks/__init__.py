"""Side by side with peers: `make bench`. Figures are ratios of the same run; nothing here is a test."""
