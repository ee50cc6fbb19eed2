function podium(players) {
  return players
    .toSorted((a, b) => b.points - a.points)
    .slice(0, 3)
    .map((player) => player.name);
}

console.log(podium([
  { name: 'Ada', points: 9 },
  { name: 'Bo', points: 100 },
  { name: 'Cy', points: 30 },
  { name: 'Di', points: 10 },
]));
