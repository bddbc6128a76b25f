"""Many repositories at once: one table, one page, facts for a catalogue."""
