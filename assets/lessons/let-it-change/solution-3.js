var score = 0;
for (let i = 0; i < 2; i++) score += 10;
