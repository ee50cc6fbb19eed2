function daysUntil(from, to) {
  const day = 24 * 60 * 60 * 1000;
  return (new Date(to) - new Date(from)) / day;
}

console.log(daysUntil('2026-02-27', '2026-03-01')); // should be 2
