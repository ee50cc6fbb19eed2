function podium(players) {
  // TODO: return the names of the three with the most points
}

console.log(podium([
  { name: 'Ada', points: 9 },
  { name: 'Bo', points: 100 },
  { name: 'Cy', points: 30 },
  { name: 'Di', points: 10 },
]));
