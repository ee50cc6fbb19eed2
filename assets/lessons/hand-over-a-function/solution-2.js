function twice(fn, x) {
  const once = fn(x)
  console.log("after one step:", once)
  return fn(once)
}
