var days;
for (days = 0; coins < goal; ++days) coins = 2 * coins;
