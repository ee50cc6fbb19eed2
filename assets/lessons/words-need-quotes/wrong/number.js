// fails: text.other
20 + 22
