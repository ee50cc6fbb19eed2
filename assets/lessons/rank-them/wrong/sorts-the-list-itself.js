// fails: unchanged.changed
function podium(players) {
  return players
    .sort((a, b) => b.points - a.points)
    .slice(0, 3)
    .map((player) => player.name);
}
