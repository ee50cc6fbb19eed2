// fails: logged.none
const city = 'Lisbon';
city
