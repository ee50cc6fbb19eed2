// fails: order
function podium(players) {
  return players
    .slice(0, 3)
    .toSorted((a, b) => b.points - a.points)
    .map((player) => player.name);
}
