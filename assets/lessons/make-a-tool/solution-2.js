const area = (width, height) => height * width
console.log("a room:", area(3, 4))
