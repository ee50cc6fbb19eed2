// fails: ties
function podium(players) {
  return players
    .toSorted((a, b) => a.points - b.points)
    .toReversed()
    .slice(0, 3)
    .map((player) => player.name);
}
