// fails: stopped
while (true) {}
