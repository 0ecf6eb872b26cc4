"""The room of lsp. This is its door."""
