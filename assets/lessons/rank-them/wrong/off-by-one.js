// fails: names.size
function podium(players) {
  return players
    .toSorted((a, b) => b.points - a.points)
    .slice(0, 2)
    .map((player) => player.name);
}
