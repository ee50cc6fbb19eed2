const cheapest = (books) => {
  const copy = [...books]
  copy.sort((one, other) => one.price - other.price)
  return [copy[0].title, copy[1].title]
}
