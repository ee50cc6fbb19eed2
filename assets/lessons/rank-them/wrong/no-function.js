// fails: order.unsorted
function podium(players) {
  return players.toSorted().slice(0, 3).map((player) => player.name);
}
