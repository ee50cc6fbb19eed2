// fails: order.unused
function podium(players) {
  players.toSorted((a, b) => b.points - a.points);
  return players.slice(0, 3).map((player) => player.name);
}
