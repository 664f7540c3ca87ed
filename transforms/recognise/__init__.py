"""Recognise the same thing in two tables whose ids say nothing: any two tables, no labelled pair needed."""
