// fails: answer.other
6 + 7
