// fails: answer.comma
20,5 + 21,5
