"""What an answer is for a task: parsed, checked, filtered, masked, whole or one page; and what it means for a wait."""
