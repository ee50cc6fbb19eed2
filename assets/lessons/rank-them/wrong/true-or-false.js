// fails: order.unsorted
function podium(players) {
  return players
    .toSorted((a, b) => a.points < b.points)
    .slice(0, 3)
    .map((player) => player.name);
}
