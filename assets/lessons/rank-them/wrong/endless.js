// fails: stopped
function podium(players) {
  const left = players.toSorted((a, b) => b.points - a.points);
  const names = [];
  while (left.length > 3) {
    left.slice(0, 3);
  }
  return left.map((player) => player.name);
}
