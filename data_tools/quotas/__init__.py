"""How much each user keeps and may keep, and what they can delete to make room."""
