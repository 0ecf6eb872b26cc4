"""Stepping in: how a person answers, tells, pauses, resumes, cancels and tries again."""
