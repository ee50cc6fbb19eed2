let price = 8
if (age < 18) price = 4
if (age < 6) price = 0
