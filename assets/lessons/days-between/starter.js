function daysUntil(from, to) {
  return to - from;
}

console.log(daysUntil('2026-02-27', '2026-03-01')); // should be 2
