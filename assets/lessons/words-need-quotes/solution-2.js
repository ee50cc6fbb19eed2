"It's raining again.";
