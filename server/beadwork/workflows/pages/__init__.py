"""A bead as a page for a person: HTML for a page of the editor's own; see docs/protocol.md, Pages."""
