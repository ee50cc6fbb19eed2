const ends = (list) => {
  const first = list[0]
  const last = list[list.length - 1]
  return [first, last]
}
