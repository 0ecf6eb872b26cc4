"""The room of forges: where pull requests are, such as GitHub by `gh`. This is its door."""
